// Decides when to look for new messages: soon after something happened, then less and less often, and never while
// the page is hidden.

const FIRST_PAUSE = 2_500;
const LONGEST_PAUSE = 25_000;
const GROWTH = 1.5;
/** The pause while the server announces every message. It catches what should not, but might, get lost. */
const ANNOUNCED_PAUSE = 15 * 60_000;

/** What came of a look. */
export type Outcome = 'news' | 'nothing' | 'failure';

export class Rhythm {
  private timer = 0;
  private pause = FIRST_PAUSE;
  private isLooking = false;
  private isWanted = false;
  private isAnnounced = false;
  private isOver = false;

  /** `look` is never called while an earlier call is under way. */
  constructor(private readonly look: () => Promise<Outcome>) {
    document.addEventListener('visibilitychange', this.hurry);
    addEventListener('online', this.hurry);
  }

  /** Looks at once, or once more if a look is under way. */
  readonly hurry = () => {
    this.pause = FIRST_PAUSE;
    void this.turn();
  };

  /** Sets whether the server announces messages. */
  announce(isAnnounced: boolean): void {
    if (isAnnounced === this.isAnnounced) return;
    this.isAnnounced = isAnnounced;
    // Nothing announces what was said before.
    this.hurry();
  }

  close(): void {
    this.isOver = true;
    clearTimeout(this.timer);
    document.removeEventListener('visibilitychange', this.hurry);
    removeEventListener('online', this.hurry);
  }

  private async turn(): Promise<void> {
    this.isWanted = true;
    if (this.isLooking) return;
    this.isLooking = true;
    clearTimeout(this.timer);
    let outcome: Outcome = 'nothing';
    while (this.isWanted && this.isVisible()) {
      this.isWanted = false;
      const longer = Math.min(GROWTH * this.pause, LONGEST_PAUSE);
      outcome = await this.look();
      this.pause = outcome === 'news' ? FIRST_PAUSE : longer;
    }
    this.isLooking = false;
    if (!this.isVisible()) return;
    // After a failure, something that was announced may still be unread.
    const isCaughtUp = this.isAnnounced && outcome !== 'failure';
    this.timer = setTimeout(() => void this.turn(), isCaughtUp ? ANNOUNCED_PAUSE : this.pause);
  }

  private isVisible(): boolean {
    return !this.isOver && document.visibilityState === 'visible';
  }
}
