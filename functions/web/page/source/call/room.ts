// A room as the page knows it, with its people, read anew whenever it may be another.

import { signal } from '@preact/signals';
import { account } from '../api/account';
import { api, content, type Participant, type Room, Refusal, TALK } from '../api/client';

/** Changes that come close together are read once. */
const READ_MILLISECONDS = 400;

export const ONE_TO_ONE = 1;
export const PUBLIC = 3;
export const OWNER = 1;
export const MODERATOR = 2;
export const MEMBER = 3;
export const GUEST = 4;
export const SELF_JOINED = 5;

export class RoomStore {
  readonly room = signal<Room | undefined>(undefined);
  readonly people = signal<Participant[]>([]);
  readonly failure = signal<unknown>(undefined);
  private timer = 0;

  constructor(readonly token: string) {}

  get isModerator(): boolean {
    return (this.room.value?.participantType ?? GUEST) <= MODERATOR;
  }

  get isMember(): boolean {
    return (this.room.value?.participantType ?? GUEST) !== GUEST;
  }

  async load(): Promise<void> {
    const params = { path: { token: this.token } };
    try {
      this.room.value = await content(api.GET(`${TALK}/room/{token}`, { params }));
      this.people.value = account.value && this.isMember
        ? await content(api.GET(`${TALK}/room/{token}/participants`, { params })) : [];
      this.failure.value = undefined;
    } catch (cause) {
      this.failure.value = cause;
      if (cause instanceof Refusal && cause.status === 404) this.room.value = undefined;
    }
  }

  /** Reads it soon, once for all who ask until then. */
  later(): void {
    if (this.timer) return;
    this.timer = setTimeout(() => { this.timer = 0; void this.load(); }, READ_MILLISECONDS);
  }

  /** What a user is called. */
  nameOf(userId: string): string {
    const known = this.people.value.find((person) => person.userId === userId)?.displayName;
    const listed = this.room.value?.participants;
    const shown = listed && !Array.isArray(listed) ? listed[userId]?.name : undefined;
    return known || shown || userId;
  }
}
