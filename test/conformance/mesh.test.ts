import { hasMosquitto } from "../support/mosquitto.ts";
import { meshConformance } from "./mesh.ts";
import { embeddedWorld, memoryWorld, mosquittoWorld } from "./mesh-worlds.ts";

meshConformance("memory mesh", memoryWorld);
meshConformance("MQTT mesh on the embedded broker", embeddedWorld);
meshConformance(
  hasMosquitto() ? "MQTT mesh on mosquitto" : "MQTT mesh on mosquitto (skipped: mosquitto is not installed)",
  mosquittoWorld,
  !hasMosquitto(),
);
