// Merges messages into a list. The result is the same in whatever order they arrive, and however often.

import type { Message } from '../api/client';

/** System messages that report a change to another message, their parent. They get no line of their own. */
const CHANGES = ['message_edited', 'message_deleted', 'reaction', 'reaction_deleted', 'reaction_revoked'];

export const isFromPerson = ({ messageType }: Message) => messageType !== 'system';
export const isChange = ({ systemMessage }: Message) => CHANGES.includes(systemMessage);

type Parent = NonNullable<Message['parent']>;
/** Of a deleted parent, the server gives nothing but the id. */
export const isWhole = (parent: Parent): parent is Message => 'message' in parent;

export interface Reader {
  user: string;
  /** The references of the messages that this page has sent. */
  references: ReadonlySet<string>;
}

/** The list with the incoming messages in it, the earliest first. */
export function merged(list: Message[], incoming: Message[], reader: Reader): Message[] {
  const byId = new Map(list.map((message) => [message.id, message]));
  const ordered = [...incoming].sort((a, b) => a.id - b.id);
  for (const message of ordered) if (!isChange(message) && !byId.has(message.id)) byId.set(message.id, message);
  for (const message of ordered) if (isChange(message)) change(byId, message, reader.user);
  const all = [...byId.values()].sort((a, b) => a.id - b.id);
  const cleared = all.findLast(({ systemMessage }) => systemMessage === 'history_cleared')?.id ?? 0;
  return all.filter((message) => message.id >= cleared && !isExpired(message) && !isDuplicate(message, all, reader));
}

function isExpired({ expirationTimestamp }: Message): boolean {
  return expirationTimestamp > 0 && expirationTimestamp * 1000 <= Date.now();
}

/** Puts the parent of a change in the place of the message that it was, also where that one is quoted. */
function change(byId: Map<number, Message>, report: Message, user: string): void {
  const parent = report.parent;
  if (!parent || !isWhole(parent)) return;
  for (const [id, message] of byId) {
    if (message.parent?.id === parent.id) byId.set(id, { ...message, parent });
  }
  const known = byId.get(parent.id);
  if (known) byId.set(parent.id, { ...parent, parent: known.parent, reactionsSelf: ownReactions(known, report, parent, user) });
}

/** A parent does not say which of its reactions are the reader's own, so they follow from what is known. */
function ownReactions({ reactionsSelf = [] }: Message, report: Message, { reactions }: Message, user: string): string[] {
  const isOwn = report.systemMessage === 'reaction' && report.actorId === user;
  const own = isOwn ? [...reactionsSelf, report.message] : reactionsSelf;
  return [...new Set(own)].filter((emoji) => reactions[emoji]);
}

/** Whether this is another copy of a message that was sent again because the first answer got lost. */
function isDuplicate({ id, referenceId, actorId }: Message, all: Message[], { user, references }: Reader): boolean {
  if (actorId !== user || !references.has(referenceId)) return false;
  return all.some((other) => other.referenceId === referenceId && other.actorId === user && other.id < id);
}

/** Who reacted with which emoji, as the server lists it; an empty list when nobody did. */
export type Reactors = Record<string, { actorId: string }[]> | unknown[];

/** The message with these reactions. */
export function withReactions(message: Message, reactors: Reactors, user: string): Message {
  const entries = Array.isArray(reactors) ? [] : Object.entries(reactors);
  const own = entries.filter(([, actors]) => actors.some(({ actorId }) => actorId === user));
  return {
    ...message,
    reactions: Object.fromEntries(entries.map(([emoji, actors]) => [emoji, actors.length])),
    reactionsSelf: own.map(([emoji]) => emoji),
  };
}
