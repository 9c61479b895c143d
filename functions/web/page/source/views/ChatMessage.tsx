// One message of a chat, with its reactions and the actions it offers.

import type { RefObject } from 'preact';
import { useRef } from 'preact/hooks';
import type { Message } from '../api/client';
import { isWhole } from '../chat/merge';
import type { ChatStore } from '../chat/store';
import { piecesOf, textOf } from '../chat/words';
import { Avatar } from '../parts/Avatar';
import { Icon } from '../parts/Icon';
import { momentOf, timeOf } from '../parts/moments';
import { attempt } from '../parts/saying';
import { t } from '../text';
import { Sure } from './RoomSettings';

const USUAL_EMOJI = ['👍', '❤️', '😄', '🎉', '😮', '😢'];
/** The length at which a quoted message is cut. */
export const QUOTED_CHARACTERS = 200;

export const authorOf = ({ actorDisplayName, actorId }: Message) => actorDisplayName || actorId || t('guest');

interface Properties {
  chat: ChatStore;
  message: Message;
  isGrouped: boolean;
  isOpened: boolean;
  open(isOpened: boolean): void;
  field: RefObject<HTMLTextAreaElement | null>;
}

export function ChatMessage({ chat, message, isGrouped, isOpened, open, field }: Properties) {
  const more = useRef<HTMLButtonElement>(null);
  const name = authorOf(message);
  const isOwn = message.actorId === chat.user;
  const mayAct = chat.mayWrite && message.isReplyable;
  const close = () => { open(false); more.current?.focus(); };
  const leave = (event: KeyboardEvent) => {
    if (event.key !== 'Escape' || !isOpened) return;
    event.preventDefault();
    close();
  };
  return (
    <li class={['message', isOwn && 'own', isGrouped && 'grouped'].filter(Boolean).join(' ')} data-id={message.id} onKeyDown={leave}>
      {!isOwn && (isGrouped ? <span class="avatar-place" /> : <Avatar name={name} />)}
      <div class="message-body">
        <p class={isGrouped ? 'hidden' : 'by'}>
          <strong>{isOwn ? t('self') : name}</strong>{' '}
          <time dateTime={new Date(message.timestamp * 1000).toISOString()} title={momentOf(message.timestamp)}>{timeOf(message.timestamp)}</time>
        </p>
        <div class={message.deleted ? 'bubble gone' : 'bubble'}>
          {message.parent && <Quote parent={chat.find(message.parent.id) ?? message.parent} reader={chat.user} />}
          <Text message={message} reader={chat.user} />
          {message.lastEditTimestamp && !message.deleted ? <p class="edited">{t('chat.edited')}</p> : null}
        </div>
        <Reactions chat={chat} message={message} mayReact={mayAct} />
        {mayAct && isOpened && <Actions chat={chat} message={message} isOwn={isOwn} close={close} field={field} />}
      </div>
      {mayAct && (
        <button ref={more} type="button" class="plain round tiny more" aria-expanded={isOpened} title={t('chat.act')}
          aria-label={isOwn ? t('chat.actOnOwn') : t('chat.actOn', { name })} onClick={() => open(!isOpened)}>
          <Icon name="more" />
        </button>
      )}
    </li>
  );
}

/** Something that happened in the room. */
export function ChatEvent({ message, reader }: { message: Message; reader: string }) {
  return <li class="event" title={momentOf(message.timestamp)}><Text message={message} reader={reader} /></li>;
}

function Text({ message, reader }: { message: Message; reader: string }) {
  return (
    <p class="text" dir="auto">
      {piecesOf(message, reader).map(({ kind, text, isOwn }) => {
        switch (kind) {
          case 'text': return text;
          case 'name': return <b class={isOwn ? 'name-in own-name' : 'name-in'}>{text}</b>;
          case 'link': return <a href={text} target="_blank" rel="noopener noreferrer">{text}</a>;
        }
      })}
    </p>
  );
}

function Quote({ parent, reader }: { parent: NonNullable<Message['parent']>; reader: string }) {
  if (!isWhole(parent)) return <blockquote class="quote"><p>{t('chat.deleted')}</p></blockquote>;
  return (
    <blockquote class="quote">
      <strong>{parent.actorId === reader ? t('self') : authorOf(parent)}</strong>
      <p dir="auto">{textOf(parent, reader).slice(0, QUOTED_CHARACTERS)}</p>
    </blockquote>
  );
}

function Reactions({ chat, message, mayReact }: { chat: ChatStore; message: Message; mayReact: boolean }) {
  const given = Object.entries(message.reactions);
  if (!given.length || message.deleted) return null;
  const own = message.reactionsSelf ?? [];
  return (
    <div class="reactions">
      {given.map(([emoji, number]) => (
        <button key={emoji} type="button" class="reaction" aria-pressed={own.includes(emoji)} disabled={!mayReact}
          onClick={() => void attempt(() => chat.react(message.id, emoji, own.includes(emoji)))}>
          <span>{emoji}</span> <span>{number}</span>
        </button>
      ))}
    </div>
  );
}

function Actions({ chat, message, isOwn, close, field }: {
  chat: ChatStore; message: Message; isOwn: boolean; close(): void; field: RefObject<HTMLTextAreaElement | null>;
}) {
  const own = message.reactionsSelf ?? [];
  const { draft } = chat;
  const write = (begin: (message: Message) => void) => {
    close();
    begin(message);
    field.current?.focus();
  };
  return (
    <div class="message-actions" role="group" aria-label={t('chat.act')}>
      {USUAL_EMOJI.map((emoji) => (
        <button key={emoji} type="button" class="plain emoji" aria-label={t('chat.react', { emoji })} aria-pressed={own.includes(emoji)}
          onClick={() => { close(); void attempt(() => chat.react(message.id, emoji, own.includes(emoji))); }}>
          {emoji}
        </button>
      ))}
      <button type="button" class="plain" onClick={() => write((it) => draft.answer(it))}>{t('chat.reply')}</button>
      {isOwn && <button type="button" class="plain" onClick={() => write((it) => draft.edit(it))}>{t('chat.edit')}</button>}
      {isOwn && (
        <Sure label={t('chat.delete')} question={t('chat.deleteSure')}
          act={() => { close(); void attempt(() => chat.remove(message.id)); }} />
      )}
    </div>
  );
}
