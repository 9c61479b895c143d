// Turns messages into pieces of text, names and links. Nothing that people write ever becomes HTML.

import type { Message } from '../api/client';
import { hasText, t } from '../text';

export interface Piece {
  kind: 'text' | 'link' | 'name';
  text: string;
  /** Whether the name is the reader's, or stands for everybody. */
  isOwn?: boolean;
}

type Parameter = Record<string, string>;

const LINK = /https?:\/\/[^\s<>"]+/gi;
/** Punctuation that ends the sentence around a link rather than the link. */
const AFTER_LINK = ".,:;!?'*_~";

const parametersOf = ({ messageParameters }: Message): Record<string, Parameter> =>
  Array.isArray(messageParameters) ? {} : messageParameters as Record<string, Parameter>;

/** The pieces of a message, as one reader sees them. */
export function piecesOf(message: Message, reader: string): Piece[] {
  if (message.deleted) return [{ kind: 'text', text: t('chat.deleted') }];
  const parameters = parametersOf(message);
  if (message.messageType === 'system') return filled(sentence(message, parameters, reader), parameters, (name) => name);
  return filled(message.message, parameters, (name) => `@${name}`, reader);
}

/** The same as plain text. */
export function textOf(message: Message, reader: string): string {
  return piecesOf(message, reader).map(({ text }) => text).join('');
}

/** A message as its author typed it, with mentions instead of parameters. */
export function typedOf(message: Message): string {
  const parameters = parametersOf(message);
  return message.message.replace(/\{([\w-]+)\}/g, (whole, name: string) => {
    const meant = Object.hasOwn(parameters, name) ? parameters[name]! : undefined;
    if (!meant) return whole;
    return mentionOf(meant.type === 'call' ? 'all' : meant['mention-id'] ?? meant.id ?? '');
  });
}

/** What somebody types to mention a member. */
export const mentionOf = (id: string) => /^[\w.-]+$/.test(id) ? `@${id}` : `@"${id}"`;

function filled(text: string, parameters: Record<string, Parameter>, show: (name: string) => string, reader?: string): Piece[] {
  return text.split(/\{([\w-]+)\}/).flatMap((part, place): Piece[] => {
    if (place % 2 === 0) return linked(part);
    // Braces that name no parameter were typed by the author.
    if (!Object.hasOwn(parameters, part)) return [{ kind: 'text', text: `{${part}}` }];
    const { type, id, name = '' } = parameters[part]!;
    if (type !== 'user' && type !== 'call' && type !== 'user-group') return [{ kind: 'text', text: name || t('guest') }];
    return [{ kind: 'name', text: show(name || id || ''), isOwn: type === 'call' || (type === 'user' && id === reader) }];
  });
}

function linked(text: string): Piece[] {
  const pieces: Piece[] = [];
  let end = 0;
  for (const { 0: found, index } of text.matchAll(LINK)) {
    const link = withoutEnd(found);
    if (!URL.canParse(link)) continue;
    pieces.push({ kind: 'text', text: text.slice(end, index) }, { kind: 'link', text: link });
    end = index + link.length;
  }
  return [...pieces, { kind: 'text', text: text.slice(end) } as const].filter(({ text }) => text);
}

function withoutEnd(link: string): string {
  const opensBracket = link.includes('(');
  // Without one, a bracket at the end was opened before the link.
  const isAfter = (character: string) => AFTER_LINK.includes(character) || (character === ')' && !opensBracket);
  let end = link.length;
  while (end > 0 && isAfter(link[end - 1]!)) end -= 1;
  return link.slice(0, end);
}

/** The sentence of a system message in the reader's language, with its parameters still in braces. */
function sentence({ systemMessage, message, actorId }: Message, { user }: Record<string, Parameter>, reader: string): string {
  const isAboutActor = user?.id === actorId;
  const key = `said.${isAboutActor ? `${systemMessage}.self` : systemMessage}`;
  if (!hasText(key)) return message;
  const isOwn = actorId === reader;
  return t(key, {
    actor: isOwn ? t('self') : '{actor}',
    has: t(isOwn ? 'said.have' : 'said.has'),
    user: user?.id === reader ? t('said.you') : '{user}',
    group: '{group}',
  });
}
