/** `spectrum-agent authority`: makes an authority, issues, revokes, rotates; all of it away from any mesh but `announce`. */
import { acknowledge } from "./authority/acknowledge.ts";
import { adopt } from "./authority/adopt.ts";
import { announce } from "./authority/announce.ts";
import { answer } from "./authority/answer.ts";
import { approve } from "./authority/approve.ts";
import { broker } from "./authority/broker.ts";
import { brokerAcl } from "./authority/broker-acl.ts";
import { brokerCert } from "./authority/broker-cert.ts";
import { challenge } from "./authority/challenge.ts";
import { init } from "./authority/init.ts";
import { issue } from "./authority/issue.ts";
import { list } from "./authority/list.ts";
import { pcrs } from "./authority/pcrs.ts";
import { policy } from "./authority/policy.ts";
import { preempt } from "./authority/preempt.ts";
import { publish } from "./authority/publish.ts";
import { recognise } from "./authority/recognise.ts";
import { renew } from "./authority/renew.ts";
import { request } from "./authority/request.ts";
import { revoke, snapshot } from "./authority/revoke.ts";
import { rotateRoot } from "./authority/rotate-root.ts";
import { show } from "./authority/show.ts";
import { sign } from "./authority/sign.ts";
import type { CommandModule } from "./command.ts";

const subcommands = [
  init,
  request,
  challenge,
  answer,
  pcrs,
  approve,
  issue,
  renew,
  recognise,
  list,
  show,
  revoke,
  snapshot,
  preempt,
  acknowledge,
  policy,
  publish,
  announce,
  broker,
  brokerCert,
  brokerAcl,
  adopt,
  sign,
  rotateRoot,
];

export const authority: CommandModule = {
  name: "authority",
  summary: "issue, renew and revoke credentials from a folder of one's own",
  register(program) {
    const group = program.command("authority").description(authority.summary);
    for (const each of subcommands) each(group);
  },
};
