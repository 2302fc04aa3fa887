/** Asks at the terminal, and shows nothing of the answer. */
import { PortError } from "../../ports/port-error.ts";

const LENGTH_MAX = 1024;

/** PortError `signer-passphrase-absent` where nobody is there to be asked, or the two answers differ. */
export async function askPassphrase(twice: boolean): Promise<string> {
  const { stdin } = process;
  if (!stdin.isTTY) throw absent("no --passphrase-file, and no terminal to ask at");
  const answer = await ask("Passphrase of the authority's keys: ");
  if (twice && (await ask("Once more: ")) !== answer) throw absent("the two passphrases differ");
  return answer;
}

function ask(question: string): Promise<string> {
  const { stdin, stderr } = process;
  stderr.write(question);
  stdin.setRawMode(true);
  stdin.resume();
  return new Promise((resolve, reject) => {
    let answer = "";
    const end = (): void => {
      stdin.off("data", hear);
      stdin.setRawMode(false);
      stdin.pause();
      stderr.write("\n");
    };
    const hear = (chunk: Buffer): void => {
      for (const letter of chunk.toString("utf8")) {
        if (letter === "\r" || letter === "\n") {
          end();
          resolve(answer);
          return;
        }
        if (letter === "\u0003" || letter === "\u0004" || answer.length > LENGTH_MAX) {
          end();
          reject(absent("nothing was entered"));
          return;
        }
        answer = letter === "\u007f" || letter === "\b" ? answer.slice(0, -1) : answer + letter;
      }
    };
    stdin.on("data", hear);
  });
}

function absent(said: string): PortError {
  return new PortError("signer", "signer-passphrase-absent", said, false);
}
