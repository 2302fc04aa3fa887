/** Commands of README and profiles/README, as they stand there, each in one shell that ends at the first failure. */
import { beforeAll, expect, test } from "vitest";
import { ensureBuilt } from "../support/built.ts";
import { freePort, hasMosquitto, startMosquitto } from "../support/mosquitto.ts";
import { RUN_MS_MAX, runSection, type SectionRun } from "../support/readme-section.ts";

beforeAll(() => ensureBuilt("dist/src/main.js"), 120_000);

function told({ code, stdout, stderr }: Omit<SectionRun, "block">): string {
  expect([code, stderr]).toEqual([0, ""]);
  return stdout;
}

test(
  "issuing, listing, renewing, revoking and rotating work as the README says",
  async () => {
    const { block, ...done } = await runSection("README.md", "Issuing");
    const stdout = told(done);
    expect(block.match(/npx spectrum-agent authority [a-z-]+/g)?.length).toBeGreaterThan(10);
    expect(stdout).toMatch(/2 of 3 keys sign\nlicence: asserted, not signed by a regulator\n/);
    expect(stdout).toContain("licensee (allocate acquire), exclusive");
    expect(stdout).toMatch(/revoked [0-9a-f]{16} of Bench; its scope is free again from /);
    expect(stdout).toMatch(/snapshot 3, 1 revoked/);
    expect(stdout).toMatch(/keys\/1 sign from now on, 2 of 3/);
  },
  RUN_MS_MAX,
);

test(
  "enrolling a fleet works as profiles/README says",
  async () => {
    const { block, ...done } = await runSection("profiles/README.md", "Enrolling a fleet");
    const stdout = told(done);
    expect(block.match(/npx spectrum-agent (fleet|init)/g)?.length).toBe(3);
    expect(stdout).toMatch(/^2 hosts: /m);
    expect(
      stdout.match(/^host-[12] is enrolled; spectrum-agent run --profile .*enrolled.profile.yaml$/gm)?.length,
    ).toBe(2);
    expect(stdout).toMatch(/enrolled.profile.yaml: agent: sound/);
  },
  RUN_MS_MAX,
);

const missing = hasMosquitto() ? "" : " (mosquitto is not installed)";
test.skipIf(missing !== "")(
  `silencing radios works as profiles/README says${missing}`,
  async () => {
    const broker = await startMosquitto();
    try {
      const env = { BROKER: `mqtt://127.0.0.1:${broker.port}` };
      const stdout = told(await runSection("profiles/README.md", "Silencing radios", env));
      expect(stdout).toMatch(/^silence in 1 zones, until .*, cause incumbent: .*directive.record$/m);
      expect(stdout).toMatch(
        /^\d+ records, 0 standing recognitions, 1 standing directives, 0 acknowledgements, 0 cleared: mqtt:/m,
      );
    } finally {
      await broker.close();
    }
  },
  RUN_MS_MAX,
);

test.skipIf(missing !== "")(
  `mutual TLS with the enrolled key works as profiles/README says${missing}`,
  async () => {
    const env = { PORT: String(await freePort()) };
    const stdout = told(await runSection("profiles/README.md", "A broker that knows agents", env));
    expect(stdout).toMatch(/^a broker at 127[.]0[.]0[.]1: mosquitto -c .*mosquitto[.]conf$/m);
    expect(stdout).toMatch(/^1 agents may speak: /m);
    expect(stdout).toMatch(
      /^\d+ records, 0 standing recognitions, 0 standing directives, 0 acknowledgements, 0 cleared: mqtts:/m,
    );
  },
  RUN_MS_MAX,
);
