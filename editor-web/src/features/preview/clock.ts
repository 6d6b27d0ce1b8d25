/** The play clock: AudioContext time since the press of play, so sound never waits for pictures. */
import { type Flicks, flicks, TICKS } from "@/timeline-core/time";

export class PlayClock {
  readonly #context: AudioContext;
  #startedAt = 0;
  #from: Flicks = flicks(0);
  #speed = 1;

  constructor() {
    this.#context = new AudioContext({ latencyHint: "interactive", sampleRate: 48_000 });
  }

  get audio(): AudioContext {
    return this.#context;
  }

  /** Begins to count at `from`; `speed` may be negative. */
  async start(from: Flicks, speed: number): Promise<void> {
    await this.#context.resume();
    this.#from = from;
    this.#speed = speed;
    this.#startedAt = this.#context.currentTime;
  }

  /** The tick that is heard now. */
  now(): Flicks {
    const heard = this.#context.currentTime - this.#startedAt - (this.#context.outputLatency || 0);
    return flicks(this.#from + Math.round(Math.max(0, heard) * this.#speed * TICKS));
  }

  /** The context time at which tick `at` is to be heard (forward play at 1x). */
  when(at: Flicks): number {
    return this.#startedAt + (at - this.#from) / TICKS / this.#speed;
  }

  close(): void {
    void this.#context.close();
  }
}
