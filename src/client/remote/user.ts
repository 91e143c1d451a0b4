import type { User as UserInfo } from "../control-plane.ts";
import { controlPlaneOf, type RemoteOptions } from "./remote-options.ts";

/** Who the control plane takes a caller for. */
export class User {
  readonly subject: string;
  /** May be empty, for example for the identity behind an API key. */
  readonly name: string;
  readonly email: string;

  private constructor({ subject, name, email }: UserInfo) {
    this.subject = subject;
    this.name = name;
    this.email = email;
  }

  /**
   * Asks who the caller is.
   *
   * @throws FlyteError `unauthenticated` when the credential is missing or refused
   */
  static async get(options: RemoteOptions = {}): Promise<User> {
    return new User(await controlPlaneOf(options).users.me(options));
  }
}
