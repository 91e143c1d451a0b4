import { Code, ConnectError, type ConnectRouter } from "@connectrpc/connect";
import { SecretService } from "../../../src/idl/secrets.ts";
import type { See } from "./seen-call.ts";

/** Secrets by name, and by where they hold: `project/domain`, `/domain` or `/`. */
export class EchoSecrets {
  readonly present: Set<string> = new Set();

  reset(): void {
    this.present.clear();
  }

  serve(router: ConnectRouter, see: See): void {
    router.service(SecretService, {
      getSecret: ({ id }, context) => {
        see("getSecret", context);
        const place = `${id?.project}/${id?.domain}`;
        if (!this.present.has(`${place} ${id?.name}`)) {
          throw new ConnectError("no such secret", Code.NotFound);
        }
        return { secret: { ...(id !== undefined && { id }) } };
      },
    });
  }
}
