/** The play clock: AudioContext time since the press of play, so sound never waits for pictures. */
import { type Flicks, flicks, TICKS } from "@/timeline-core/time";

const RESUME_MS_MAX = 300; // a browser may never give sound: then the clock runs without

export class PlayClock {
  readonly #context: AudioContext;
  #hasSound = false;
  #isRunning = false;
  #startedAt = 0;
  #from: Flicks = flicks(0);
  #speed = 1;

  constructor() {
    this.#context = new AudioContext({ latencyHint: "interactive", sampleRate: 48_000 });
  }

  get audio(): AudioContext {
    return this.#context;
  }

  /** Whether sound can be heard; without, the clock counts all the same. */
  get hasSound(): boolean {
    return this.#hasSound;
  }

  /** False until a start has taken hold. */
  get isRunning(): boolean {
    return this.#isRunning;
  }

  /** Begins to count at `from`; `speed` may be negative. */
  async start(from: Flicks, speed: number): Promise<void> {
    this.stop();
    await Promise.race([this.#context.resume(), after(RESUME_MS_MAX)]);
    this.#hasSound = this.#context.state === "running";
    this.#from = from;
    this.#speed = speed;
    this.#startedAt = this.#seconds();
    this.#isRunning = true;
  }

  /** Counts no more. */
  stop(): void {
    this.#isRunning = false;
  }

  /** The tick that is heard now. */
  now(): Flicks {
    const latency = this.#hasSound ? this.#context.outputLatency || 0 : 0;
    const heard = this.#seconds() - this.#startedAt - latency;
    return flicks(this.#from + Math.round(Math.max(0, heard) * this.#speed * TICKS));
  }

  /** The context time at which tick `at` is to be heard. */
  when(at: number): number {
    return this.#startedAt + (at - this.#from) / TICKS / this.#speed;
  }

  close(): void {
    void this.#context.close();
  }

  #seconds(): number {
    return this.#hasSound ? this.#context.currentTime : performance.now() / 1000;
  }
}

const after = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, milliseconds));
