// The field for a message, which completes the names of members.

import type { RefObject } from 'preact';
import { useId, useLayoutEffect, useState } from 'preact/hooks';
import { begunIn, type Candidate, useCandidates, withMention } from '../chat/mention';
import type { ChatStore } from '../chat/store';
import { textOf } from '../chat/words';
import { Icon } from '../parts/Icon';
import { Options } from '../parts/Options';
import { count, t } from '../text';
import { inWords } from '../text/failure';
import { authorOf, QUOTED_CHARACTERS } from './ChatMessage';

export function Composer({ chat, field }: { chat: ChatStore; field: RefObject<HTMLTextAreaElement | null> }) {
  const id = useId();
  const { draft } = chat;
  const text = draft.text.value;
  const mentions = useMentions(chat, field);
  const { shown, at } = mentions;
  useLayoutEffect(() => grow(field.current!), [text]);

  const send = async () => {
    await draft.send();
    field.current?.focus();
  };
  const press = (event: KeyboardEvent) => {
    if (isComposing(event) || mentions.press(event)) return;
    if (event.key === 'Enter' && !event.shiftKey) void send();
    else if (event.key === 'Escape' && (draft.edited.value || draft.answered.value)) draft.cancel();
    else return;
    event.preventDefault();
  };
  const below = draft.surplus.value ? count('chat.tooLong', draft.surplus.value)
    : draft.failure.value !== undefined ? t('chat.notSent', { why: inWords(draft.failure.value) }) : '';

  return (
    <form class="composer" onSubmit={(event) => { event.preventDefault(); void send(); }}>
      <Subject chat={chat} />
      <Options id={id} label={t('chat.mention')} shown={shown} at={at} isOpen take={mentions.take} />
      <p class="hidden" role="status">{shown.length > 0 && count('chat.found', shown.length)}</p>
      <div class="write">
        <textarea ref={field} rows={1} value={text} placeholder={t('chat.write')} aria-label={t('chat.write')} readOnly={draft.isBusy.value}
          aria-autocomplete="list" aria-controls={`${id}-list`} aria-activedescendant={shown[at] ? `${id}-${at}` : undefined}
          aria-invalid={below ? true : undefined} aria-describedby={below ? `${id}-below` : undefined}
          onInput={({ currentTarget }) => { draft.type(currentTarget.value); mentions.look(); }}
          onKeyDown={press} onKeyUp={mentions.look} onClick={mentions.look} onBlur={mentions.close} />
        <button class="main round" aria-label={t('chat.send')} title={t('chat.send')} disabled={!text.trim() || draft.surplus.value > 0 || draft.isBusy.value}>
          <Icon name="send" />
        </button>
      </div>
      {below && <p id={`${id}-below`} class="complaint" role="alert">{below}</p>}
    </form>
  );
}

/** Whether a key belongs to an input method; Safari says so by the number of the key alone when it ends a word. */
const isComposing = ({ isComposing, keyCode }: KeyboardEvent) => isComposing || keyCode === 229;

/** Makes the field as high as its text, up to the limit in the style. */
function grow(field: HTMLTextAreaElement): void {
  field.style.height = 'auto';
  field.style.height = `${field.scrollHeight + field.offsetHeight - field.clientHeight}px`;
}

/** The message that is answered or edited. */
function Subject({ chat }: { chat: ChatStore }) {
  const { draft } = chat;
  const message = draft.edited.value ?? draft.answered.value;
  if (!message) return null;
  return (
    <div class="subject">
      <div>
        <strong>{draft.edited.value ? t('chat.editing') : t('chat.replyTo', { name: authorOf(message) })}</strong>
        <p dir="auto">{textOf(message, chat.user).slice(0, QUOTED_CHARACTERS)}</p>
      </div>
      <button type="button" class="plain round tiny" aria-label={t('cancel')} onClick={() => draft.cancel()}>
        <Icon name="close" />
      </button>
    </div>
  );
}

/** The members who match the name before the caret, and the keys that choose among them. */
function useMentions(chat: ChatStore, field: RefObject<HTMLTextAreaElement | null>) {
  const [begun, setBegun] = useState<string>();
  const [dismissed, setDismissed] = useState<string>();
  const [at, setAt] = useState(0);
  const candidates = useCandidates(chat.token, begun);
  const shown = begun === undefined || begun === dismissed ? [] : candidates;

  const look = () => {
    const { value, selectionStart, selectionEnd } = field.current!;
    const found = selectionStart === selectionEnd ? begunIn(value, selectionStart) : undefined;
    if (found === begun) return;
    setBegun(found);
    setDismissed(undefined);
    setAt(0);
  };
  const take = (candidate: Candidate) => {
    const { value, selectionStart } = field.current!;
    const { text, caret } = withMention(value, selectionStart, candidate);
    chat.draft.type(text);
    setBegun(undefined);
    field.current!.value = text;
    field.current!.setSelectionRange(caret, caret);
  };
  const press = (event: KeyboardEvent): boolean => {
    if (!shown.length) return false;
    switch (event.key) {
      case 'ArrowDown': setAt((at + 1) % shown.length); break;
      case 'ArrowUp': setAt((at + shown.length - 1) % shown.length); break;
      case 'Enter': case 'Tab': take(shown[at] ?? shown[0]!); break;
      case 'Escape': setDismissed(begun); break;
      default: return false;
    }
    event.preventDefault();
    return true;
  };
  return { shown, at, look, take, press, close: () => setBegun(undefined) };
}
