// A field of a form with its label, and a hint or a complaint below it.

import type { TargetedFocusEvent } from 'preact';
import { useId } from 'preact/hooks';

interface Properties {
  label: string;
  value: string;
  type?: 'text' | 'search' | 'password';
  name?: string;
  autocomplete?: 'username' | 'current-password' | 'new-password' | 'name' | 'off';
  autocapitalize?: 'none';
  /** The most characters. */
  maxLength?: number;
  required?: boolean;
  readOnly?: boolean;
  onFocus?(event: TargetedFocusEvent<HTMLInputElement>): void;
  hint?: string;
  complaint?: string;
  change(value: string): void;
}

export function Field({ label, hint, complaint, change, ...input }: Properties) {
  const id = useId();
  const below = complaint || hint;
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <input id={id} {...(input as object)} aria-describedby={below ? `${id}-below` : undefined} aria-invalid={complaint ? true : undefined}
        onInput={({ currentTarget }) => change(currentTarget.value)} />
      {below && <p id={`${id}-below`} class={complaint ? 'complaint' : 'hint'} role={complaint ? 'alert' : undefined}>{below}</p>}
    </div>
  );
}
