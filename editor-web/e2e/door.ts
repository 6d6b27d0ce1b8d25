/** What stands before the servers of a cluster: a connection goes to the first of them that takes it. */
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";

export class Door {
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
  }

  /** On a port of its own; `ports` are those of the servers, the dearest first. */
  static async open(ports: readonly number[]): Promise<Door> {
    const server = createServer((visitor) => passOn(visitor, ports));
    await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
    return new Door(server);
  }

  get address(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  close(): void {
    this.#server.close();
  }
}

const passOn = (visitor: Socket, [port, ...others]: readonly number[]): void => {
  if (port === undefined) {
    visitor.destroy();
    return;
  }
  const server = connect(port, "127.0.0.1");
  const refused = () => passOn(visitor, others);
  server.once("error", refused);
  server.once("connect", () => {
    server.off("error", refused);
    server.on("error", () => visitor.destroy());
    visitor.on("error", () => server.destroy());
    visitor.on("close", () => server.destroy());
    server.on("close", () => visitor.destroy());
    visitor.pipe(server).pipe(visitor);
  });
};
