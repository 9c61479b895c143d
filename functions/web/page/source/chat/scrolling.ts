// Scrolls a chat: it stays at the end while the reader is there, and holds still while the reader is not.

import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { Row } from './rows';
import type { ChatStore } from './store';

/** The distances in pixels within which the reader counts as being at the beginning or the end. */
const NEAR = { beginning: 240, end: 60 };

const toEndOf = (log: HTMLElement) => { log.scrollTop = log.scrollHeight; };
/** Scrolls to an element; `scrollIntoView` would scroll the whole page, too. */
const toTopOf = (log: HTMLElement, inside: Element | null) => {
  if (inside) log.scrollTop += inside.getBoundingClientRect().top - log.getBoundingClientRect().top;
};
const messagesIn = (rows: Row[]) => rows.flatMap((row) => 'message' in row ? [row.message] : []);

/** `log` is the element that scrolls, `list` the one in it that grows. */
export function useScrolling(chat: ChatStore, rows: Row[]) {
  const log = useRef<HTMLDivElement>(null);
  const list = useRef<HTMLOListElement>(null);
  const [isAtEnd, setAtEnd] = useState(true);
  const known = useRef({ first: 0, last: 0, fromEnd: 0, range: 0, isAtEnd: true });

  const note = ({ scrollTop, scrollHeight, clientHeight }: HTMLElement) => {
    const range = scrollHeight - clientHeight;
    const isAtEnd = range - scrollTop < NEAR.end;
    Object.assign(known.current, { fromEnd: scrollHeight - scrollTop, range, isAtEnd });
    setAtEnd(isAtEnd);
  };
  /** Keeps a reader who was at the end there, after something has changed its height. */
  const follow = (box: HTMLElement) => {
    if (known.current.isAtEnd) toEndOf(box);
    note(box);
  };
  const scrolled = () => {
    const box = log.current;
    // An event may still come when the list is gone.
    if (!box) return;
    // If the range has changed, the layout has moved, and not the reader.
    if (box.scrollHeight - box.clientHeight !== known.current.range) follow(box);
    else note(box);
    if (box.scrollTop < NEAR.beginning) void chat.readEarlier();
  };

  useLayoutEffect(() => {
    const messages = messagesIn(rows);
    const [first, last] = [messages[0], messages.at(-1)];
    if (!first || !last) return;
    const before = known.current;
    const isBegun = before.first > 0;
    if (!isBegun) {
      toEndOf(log.current!);
      toTopOf(log.current!, list.current!.querySelector('.new-line'));
    } else if (first.id < before.first && last.id === before.last) {
      log.current!.scrollTop = log.current!.scrollHeight - before.fromEnd;
    } else if (last.id !== before.last && (before.isAtEnd || last.actorId === chat.user)) {
      toEndOf(log.current!);
    }
    before.first = first.id;
    before.last = last.id;
    note(log.current!);
    // A list that does not fill the log cannot be scrolled to read on.
    const { scrollHeight, clientHeight } = log.current!;
    if (clientHeight > 0 && scrollHeight <= clientHeight) void chat.readEarlier();
  }, [rows.length, chat.messages.value]);

  useEffect(() => {
    // The window, the field below, or something in the list may change its height.
    const [box, content] = [log.current!, list.current!];
    const observer = new ResizeObserver(() => follow(box));
    observer.observe(box);
    observer.observe(content);
    return () => observer.disconnect();
  }, []);

  return { log, list, isAtEnd, scrolled, toEnd: () => toEndOf(log.current!) };
}
