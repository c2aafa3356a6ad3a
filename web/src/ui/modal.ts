import type { Attachment } from 'svelte/attachments';

type Options = {
  /** Whether a click beside it closes the dialog: not where something unsaved may stand in it. */
  lightly?: boolean;
};

/**
 * Shows a dialog over everything, which the browser gives the keyboard and takes it back from. `left` hears at once that it has
 * closed: the dialog's own event comes so late that the next one may be there already.
 */
export function modal(left: () => void, { lightly = true }: Options = {}): Attachment<HTMLDialogElement> {
  return (dialog) => {
    dialog.showModal();
    // One that can hold the keyboard itself gets it, and not the first of its buttons.
    if (dialog.hasAttribute('tabindex')) dialog.focus();
    const watch = new MutationObserver(() => dialog.open || left());
    watch.observe(dialog, { attributeFilter: ['open'] });
    // Only serves those who point; Escape and a button do the same.
    const close = (event: MouseEvent): void => void (event.target === dialog && dialog.close());
    if (lightly) dialog.addEventListener('click', close);
    return () => watch.disconnect();
  };
}
