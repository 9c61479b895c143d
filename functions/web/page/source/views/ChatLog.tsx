// The messages of a chat, the latest at the bottom.

import type { RefObject } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { rowsOf } from '../chat/rows';
import { useScrolling } from '../chat/scrolling';
import type { ChatStore } from '../chat/store';
import { Icon } from '../parts/Icon';
import { dayOf } from '../parts/moments';
import { t } from '../text';
import { ChatEvent, ChatMessage } from './ChatMessage';

export function ChatLog({ chat, field }: { chat: ChatStore; field: RefObject<HTMLTextAreaElement | null> }) {
  const messages = chat.messages.value;
  const rows = rowsOf(messages ?? [], chat.readBefore.value, chat.user);
  const [opened, setOpened] = useState<number>();
  const { log, list, isAtEnd, scrolled, toEnd } = useScrolling(chat, rows);
  const isLive = useLive(messages !== undefined && !chat.isReadingEarlier.value);
  return (
    <div class="chat-log">
      <div ref={log} class="log" role="log" aria-label={t('chat.messages')} aria-live={isLive ? 'polite' : 'off'} tabIndex={0} onScroll={scrolled}>
        {!messages && chat.failure.value === undefined && <p class="quiet" role="status">{t('loading')}</p>}
        {messages && !rows.length && !chat.hasEarlier.value && <p class="quiet nothing">{t('chat.none')}</p>}
        {chat.hasEarlier.value && (
          <button type="button" class="plain earlier" disabled={chat.isReadingEarlier.value} onClick={() => void chat.readEarlier()}>
            {t('chat.earlier')}
          </button>
        )}
        <ol ref={list} class="said">
          {rows.map((row) => {
            switch (row.kind) {
              case 'day': return <li key={row.key} class="day"><span>{dayOf(row.at)}</span></li>;
              case 'new': return <li key={row.key} class="new-line"><span>{t('chat.new')}</span></li>;
              case 'event': return <ChatEvent key={row.key} message={row.message} reader={chat.user} />;
              case 'message': return (
                <ChatMessage key={row.key} chat={chat} message={row.message} isGrouped={row.isGrouped} field={field}
                  isOpened={opened === row.key} open={(isOpened) => setOpened(isOpened ? row.key : undefined)} />
              );
            }
          })}
        </ol>
      </div>
      {!isAtEnd && (
        <button type="button" class="round to-end" aria-label={t('chat.latest')} title={t('chat.latest')} onClick={toEnd}><Icon name="down" /></button>
      )}
    </div>
  );
}

/** Whether screen readers read out what is added: what arrives, but not what was there before. */
function useLive(isLoaded: boolean): boolean {
  const [isLive, setLive] = useState(false);
  useEffect(() => {
    if (!isLoaded) return setLive(false);
    // What was loaded is in the list by the next frame.
    const frame = requestAnimationFrame(() => setLive(true));
    return () => cancelAnimationFrame(frame);
  }, [isLoaded]);
  return isLive && isLoaded;
}
