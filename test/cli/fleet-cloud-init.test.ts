/** `fleet cloud-init`: user-data that a host's cloud-init reads, with its own enrolment and nothing that is secret. */
import { readFile, writeFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parse } from "yaml";
import { shippedFile } from "../../src/profile/shipped-file.ts";
import { type FleetDesk, fleetDesk, NAMES, row } from "../support/fleet-desk.ts";

type UserData = {
  readonly write_files: readonly {
    readonly path: string;
    readonly encoding: string;
    readonly content: string;
    readonly permissions: string;
    readonly owner: string;
  }[];
  readonly runcmd: readonly (readonly string[])[];
};

let desk: FleetDesk;
let text = "";
let data: UserData;

beforeAll(async () => {
  desk = await fleetDesk();
  const hash = await desk.host("one");
  await desk.enroll(await desk.list("hosts.csv", NAMES, row("one", hash)), desk.at("out"));
  text = await desk.done("fleet", "cloud-init", "one", "--dir", desk.at("out"));
  data = parse(text) as UserData;
}, 120_000);
afterAll(() => desk.close());

const contentOf = (path: string): Buffer => {
  const found = data.write_files.find((each) => each.path === path);
  expect(found?.encoding).toBe("b64");
  return Buffer.from(found?.content ?? "", "base64");
};

describe("user-data of a host", () => {
  test("begins as cloud-init asks for, and is one document", () => {
    expect(text.startsWith("#cloud-config\n")).toBe(true);
    expect(Object.keys(data)).toEqual(["write_files", "runcmd"]);
  });

  test("brings the shipped units, the enrolment and the operator, byte for byte", async () => {
    for (const name of ["spectrum-agent.service", "spectrum-guard.service", "spectrum-sleep.service"])
      expect(contentOf(`/etc/systemd/system/${name}`)).toEqual(
        await readFile(shippedFile(`systemd/${name}`)),
      );
    expect(contentOf("/etc/spectrum-agent/one.enroll")).toEqual(await readFile(desk.at("out/one.enroll")));
    const operator = await readFile(desk.at("root/records/000000.record"));
    expect(contentOf("/etc/spectrum-agent/operator/operator.record")).toEqual(operator);
    for (const { permissions, owner } of data.write_files)
      expect([permissions, owner]).toEqual(["0644", "root:root"]);
  });

  test("has the host's own user open it, and the unit go by what came of it", () => {
    const init = data.runcmd.find((words) => words.includes("init")) ?? [];
    expect(init.slice(0, 4)).toEqual(["runuser", "-u", "spectrum-agent", "--"]);
    const value = (flag: string) => init[init.indexOf(flag) + 1];
    expect(value("--enroll")).toBe("/etc/spectrum-agent/one.enroll");
    expect(value("--operator")).toBe("/etc/spectrum-agent/operator/operator.record");
    const dropIn = contentOf("/etc/systemd/system/spectrum-agent.service.d/fleet.conf").toString();
    // An empty ExecStart= takes the shipped one away (systemd.service(5)).
    expect(dropIn).toBe(
      `[Service]\nExecStart=\nExecStart=/usr/bin/spectrum-agent run --profile ${value("--out")}/profile.yaml` +
        ` --operator ${value("--operator")}\n`,
    );
  });

  test("holds no word of the profile, and no key of the desk", async () => {
    const clear = data.write_files
      .map(({ content }) => Buffer.from(content, "base64").toString("latin1"))
      .join("\n");
    for (const word of ["bench-433", "mqtt://", "correct horse", "BEGIN ENCRYPTED PRIVATE KEY"]) {
      expect(clear).not.toContain(word);
      expect(text).not.toContain(word);
    }
  });

  test("is not printed for a host that is not there, or by another name than it was enrolled by", async () => {
    const absent = await desk.command("fleet", "cloud-init", "two", "--dir", desk.at("out"));
    expect([absent.exit, absent.stdout, absent.stderr]).toEqual([
      78,
      "",
      expect.stringContaining("file-unreadable"),
    ]);
    await writeFile(desk.at("out/three.enroll"), await readFile(desk.at("out/one.enroll")));
    const renamed = await desk.command("fleet", "cloud-init", "three", "--dir", desk.at("out"));
    expect([renamed.exit, renamed.stdout, renamed.stderr]).toEqual([
      78,
      "",
      expect.stringContaining("enrolment-other-host"),
    ]);
    const path = await desk.command("fleet", "cloud-init", "../out/one", "--dir", desk.at("out"));
    expect([path.exit, path.stdout]).toEqual([78, ""]);
  });
});
