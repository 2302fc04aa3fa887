/** Nobody lets or renews more than was granted: block in offer in slice, expiry within every link and its snapshot (§3, §6). */
import { toHex } from "../../core/base/bytes.ts";
import type { RecordOf } from "../../core/record/record.ts";
import type { Box } from "../../core/record/spectrum-fields.ts";
import type { LedgerLease } from "../ledger.ts";
import { type Invariant, InvariantBroken, type Watched } from "./invariant.ts";

const NAME = "no-over-grant";

export function grantInvariants(watched: Watched): readonly Invariant[] {
  const { ledger, register, sliceOf } = watched;
  function checkSettlement(host: string, record: RecordOf<"settlement">): void {
    const pair = ledger.pairOf(record.body.acceptance);
    const offer = ledger.offered(record.body.offer);
    if (pair === null || offer === null) return;
    const { block: offered, link } = offer;
    const ids = [toHex(record.body.offer), toHex(record.body.acceptance)];
    const scope = register.scopeOf(link);
    if (scope !== null && !scope.some((box) => isInside(offered, box)))
      throw new InvariantBroken(NAME, `${host} settled more than the offer's own credential lets`, ids);
    checkEnds(host, record, [link, ...pair.credentials]);
    if (pair.consumer === host) return;
    if (!isInside(pair.block, offered))
      throw new InvariantBroken(NAME, `${host} let more than it had offered`, ids);
    const slices = sliceOf(host);
    if (!slices.some((slice) => slice.lowerHz <= offered.lowerHz && offered.upperHz <= slice.upperHz))
      throw new InvariantBroken(NAME, `${host} offered more than its owner lets it`, ids);
    const { credentials, snapshots } = record.body.context;
    checkListed(host, snapshots, credentials.map(toHex));
  }

  /** Neither side is settled under a credential that the context's interval does not lie wholly within. */
  function checkEnds(host: string, { body }: RecordOf<"settlement">, credentials: readonly string[]): void {
    for (const each of credentials) {
      const overUs = body.context.interval.latestUs - (register.endOf(each) ?? Number.POSITIVE_INFINITY);
      if (overUs < 0) continue;
      throw new InvariantBroken(NAME, `${host} settled ${overUs} us after a credential's end`, [each]);
    }
  }

  function checkRenewal(host: string, record: RecordOf<"renewal">): void {
    const lease = ledger.leases.get(toHex(record.body.artifact));
    if (lease === undefined) return;
    const { transmitExpiryUs, snapshots } = record.body;
    const ends = [
      lease.block.untilUs,
      ...lease.credentials.map((each) => register.endOf(each) ?? transmitExpiryUs),
    ];
    const overUs = transmitExpiryUs - Math.min(...ends);
    if (overUs > 0) throw over(host, lease, overUs);
    checkListed(host, snapshots, lease.credentials);
    checkAge(watched, host, lease, record);
  }

  /** What a record's own snapshots list carries nothing any more. */
  function checkListed(host: string, snapshots: readonly Uint8Array[], credentials: readonly string[]): void {
    const numbers = snapshots.map((id) => register.listedIn(toHex(id)) ?? new Set<string>());
    const fallen = credentials.find((each) => numbers.some((listed) => listed.has(each)));
    if (fallen === undefined) return;
    throw new InvariantBroken(NAME, `${host} granted under a credential that its snapshot lists`, [fallen]);
  }

  const granted: Invariant = {
    name: NAME,
    appended(host, record) {
      if (record.kind === "settlement") checkSettlement(host, record);
      if (record.kind === "renewal") checkRenewal(host, record);
    },
  };
  return [granted];
}

/** Nothing is renewed for longer than the newest snapshot that the renewal names may be old. */
function checkAge(
  { policy, register }: Watched,
  host: string,
  lease: LedgerLease,
  { id, body }: RecordOf<"renewal">,
): void {
  const ageMaxUs = policy.leaseClasses.find(({ name }) => name === lease.leaseClass)?.snapshotAgeMaxUs ?? 0;
  if (ageMaxUs === 0) return;
  const issuedUs = Math.max(0, ...body.snapshots.map((each) => register.issuedUsOf(toHex(each)) ?? 0));
  const overUs = body.transmitExpiryUs - (issuedUs + ageMaxUs);
  if (overUs <= 0) return;
  const text = `${host} renewed ${overUs} us beyond the age of its snapshots`;
  throw new InvariantBroken(NAME, text, [lease.artifact, toHex(id)]);
}

function over(host: string, lease: LedgerLease, overUs: number): InvariantBroken {
  const text = `${host} renewed ${overUs} us beyond the grant or a link`;
  return new InvariantBroken(NAME, text, [lease.artifact, ...lease.credentials]);
}

function isInside(block: Box, offered: Box): boolean {
  const most = Math.min(...offered.limits.map(({ centiDbm }) => centiDbm));
  return (
    offered.lowerHz <= block.lowerHz &&
    block.upperHz <= offered.upperHz &&
    offered.fromUs <= block.fromUs &&
    block.untilUs <= offered.untilUs &&
    block.limits.every(({ centiDbm }) => centiDbm <= most)
  );
}
