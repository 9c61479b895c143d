// The panel with the chat of a room, and the button that opens it.

import type { RefObject } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { account } from '../api/account';
import { ChatStore } from '../chat/store';
import type { RoomStore } from '../call/room';
import { Icon } from '../parts/Icon';
import { Unread } from '../parts/Unread';
import { count, t } from '../text';
import { inWords } from '../text/failure';
import { ChatLog } from './ChatLog';
import { Composer } from './Composer';

/** The part of the panel that has to be in view before its messages count as read. */
const VISIBLE_PART = 0.3;

/** The chat of a room, for members with an account; the API refuses it to guests. */
export function useChat(store: RoomStore): ChatStore | undefined {
  const [chat, setChat] = useState<ChatStore>();
  const user = store.isMember ? account.value?.id : undefined;
  useEffect(() => {
    if (!user) return;
    const opened = new ChatStore(store.token, user, () => store.later());
    setChat(opened);
    return () => { opened.close(); setChat(undefined); };
  }, [store, user]);
  return chat;
}

/** Tells the chat whether its panel is in view. */
function useVisibility(panel: RefObject<HTMLElement | null>, chat: ChatStore): void {
  useEffect(() => {
    const observer = new IntersectionObserver((entries) => chat.show(entries.at(-1)!.isIntersecting), { threshold: VISIBLE_PART });
    observer.observe(panel.current!);
    return () => { observer.disconnect(); chat.show(false); };
  }, [chat]);
}

/** A chat and its panel. An open one covers everything else where there is no room beside it. */
export interface ChatPanel { chat: ChatStore; isOpen: boolean; toggle(): void }

export function Chat({ chat, isOpen, toggle }: ChatPanel) {
  const panel = useRef<HTMLElement>(null);
  const field = useRef<HTMLTextAreaElement>(null);
  useVisibility(panel, chat);
  useEffect(() => {
    if (!isOpen) return;
    // On a touchscreen, a field in focus brings up a keyboard, which would cover the messages.
    const target = matchMedia('(pointer: coarse)').matches ? panel.current : field.current ?? panel.current;
    target?.focus();
  }, [isOpen]);
  const press = (event: KeyboardEvent) => {
    if (event.key === 'Escape' && isOpen && !event.defaultPrevented) toggle();
  };
  const failure = chat.failure.value;
  return (
    <section ref={panel} class={isOpen ? 'chat open' : 'chat'} aria-label={t('chat')} tabIndex={-1} onKeyDown={press}>
      <header class="chat-head">
        <h2>{t('chat')}</h2>
        <button type="button" class="plain round chat-close" aria-label={t('close')} onClick={toggle}><Icon name="close" /></button>
      </header>
      {failure !== undefined && <p class="notice" role="alert">{inWords(failure)}</p>}
      <ChatLog chat={chat} field={field} />
      {chat.mayWrite
        ? <Composer chat={chat} field={field} />
        : <p class="notice" role="status">{t(chat.room.value?.readOnly ? 'chat.readOnly' : 'chat.mayNot')}</p>}
    </section>
  );
}

/** Opens and closes the panel, and tells how much is unread. It gets the focus back when the panel closes. */
export function ChatButton({ chat, isOpen, toggle, isRound = false }: ChatPanel & { isRound?: boolean }) {
  const button = useRef<HTMLButtonElement>(null);
  const wasOpen = useRef(isOpen);
  useEffect(() => {
    if (wasOpen.current && !isOpen) button.current?.focus();
    wasOpen.current = isOpen;
  }, [isOpen]);
  const unread = isOpen ? { number: 0, isMentioned: false } : chat.unread.value;
  const words = unread.number ? count('chat.unread', unread.number) : t('chat');
  const label = unread.isMentioned ? `${words}. ${t('rooms.mentioned')}` : words;
  return (
    <button ref={button} type="button" class={isRound ? `round chat-button${isOpen ? ' on' : ''}` : 'wide chat-button'} aria-expanded={isOpen}
      aria-label={label} title={label} onClick={toggle}>
      <Icon name="chat" />{!isRound && <span>{t('chat')}</span>}<Unread {...unread} />
    </button>
  );
}
