// A badge with the number of unread messages, brighter when one of them mentions the reader. Screen readers skip it; the
// element around it says the same in words.

const MOST = 99;

export function Unread({ number, isMentioned }: { number: number; isMentioned: boolean }) {
  if (!number) return null;
  return (
    <span class={isMentioned ? 'unread mentioned' : 'unread'} aria-hidden="true">
      {isMentioned && '@'}{number > MOST ? `${MOST}+` : number}
    </span>
  );
}
