// The rows of a chat: messages, and between them the days and the line above what is new.

import type { Message } from '../api/client';
import { isFromPerson } from './merge';

export type Row =
  | { kind: 'day'; key: string; at: number }
  | { kind: 'new'; key: string }
  | { kind: 'event'; key: number; message: Message }
  | { kind: 'message'; key: number; message: Message; isGrouped: boolean };

/** Messages of one author stand together if they follow each other within these seconds. */
const GROUP_SECONDS = 5 * 60;

const dayOf = ({ timestamp }: Message) => new Date(timestamp * 1000).toDateString();

/** `readBefore` is the last message the reader had read before looking at the chat, or -1 if nothing was new. */
export function rowsOf(messages: Message[], readBefore: number, reader: string): Row[] {
  const isNew = (message: Message) => message.id > readBefore && isFromPerson(message) && message.actorId !== reader;
  const firstNew = readBefore < 0 ? undefined : messages.find(isNew);
  const rows: Row[] = [];
  let before: Message | undefined;
  for (const message of messages) {
    const day = dayOf(message);
    if (!before || dayOf(before) !== day) {
      rows.push({ kind: 'day', key: day, at: message.timestamp });
      before = undefined;
    }
    if (message === firstNew) {
      rows.push({ kind: 'new', key: 'new' });
      before = undefined;
    }
    rows.push(isFromPerson(message)
      ? { kind: 'message', key: message.id, message, isGrouped: before !== undefined && isContinued(before, message) }
      : { kind: 'event', key: message.id, message });
    before = message;
  }
  return rows;
}

function isContinued(before: Message, message: Message): boolean {
  return isFromPerson(before) && !message.parent && before.actorType === message.actorType && before.actorId === message.actorId
    && message.timestamp - before.timestamp < GROUP_SECONDS;
}
