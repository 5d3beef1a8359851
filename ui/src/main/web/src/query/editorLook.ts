/** How the editor looks. All colours are variables, so that a change of scheme needs no new editor. */

import { HighlightStyle, syntaxHighlighting } from '@codemirror/language';
import { EditorView } from '@codemirror/view';
import { tags } from '@lezer/highlight';

export const look = EditorView.theme({
  '&': { backgroundColor: 'transparent', color: 'var(--mantine-color-text)', fontSize: '13.5px' },
  '&.cm-focused': { outline: 'none' },
  '.cm-scroller': { fontFamily: 'var(--nx-font-mono)', lineHeight: '1.5', maxHeight: '40vh', overflow: 'auto' },
  '.cm-content': { padding: '6px 0', caretColor: 'var(--mantine-color-text)' },
  '.cm-line': { padding: '0 4px' },
  '.cm-placeholder': { color: 'var(--nx-muted)' },
  '.cm-cursor': { borderLeftColor: 'var(--mantine-color-text)' },
  '&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground, ::selection': {
    backgroundColor: 'var(--nx-select) !important',
  },
  '&.cm-focused .cm-matchingBracket': { backgroundColor: 'var(--nx-select)' },
  '&.cm-focused .cm-nonmatchingBracket': { color: 'var(--nx-invalid)' },
  '.cm-tooltip': {
    backgroundColor: 'var(--nx-card)',
    color: 'var(--mantine-color-text)',
    border: '1px solid var(--nx-line)',
    borderRadius: '4px',
    boxShadow: '0 4px 16px rgb(0 0 0 / 18%)',
  },
  '.cm-tooltip.cm-tooltip-autocomplete > ul': { fontFamily: 'var(--nx-font-mono)', maxHeight: '320px' },
  '.cm-tooltip.cm-tooltip-autocomplete > ul > li': { padding: '2px 8px', lineHeight: '1.5' },
  '.cm-tooltip.cm-tooltip-autocomplete > ul > li[aria-selected]': {
    backgroundColor: 'var(--nx-select)',
    color: 'var(--mantine-color-text)',
  },
  '.cm-completionMatchedText': { textDecoration: 'none', fontWeight: '700' },
  '.cm-completionDetail': { marginLeft: '1.2em', color: 'var(--nx-muted)', fontStyle: 'normal', fontSize: '12px' },
  '.cm-tooltip.cm-completionInfo': { padding: '8px 12px', maxWidth: '420px', fontSize: '13px' },
  '.cm-diagnostic': { padding: '4px 10px', fontSize: '13px' },
  '.cm-diagnostic-error': { borderLeftColor: 'var(--nx-invalid)' },
});

export const highlight = syntaxHighlighting(
  HighlightStyle.define([
    { tag: tags.variableName, color: 'var(--nx-metric)' },
    { tag: tags.function(tags.variableName), color: 'var(--nx-function)' },
    { tag: tags.labelName, color: 'var(--nx-label)' },
    { tag: tags.string, color: 'var(--nx-value)' },
    { tag: tags.number, color: 'var(--nx-number)' },
    { tag: [tags.operatorKeyword, tags.modifier, tags.logicOperator], color: 'var(--nx-keyword)', fontWeight: '600' },
    { tag: [tags.operator, tags.arithmeticOperator, tags.paren, tags.squareBracket, tags.brace], color: 'var(--nx-operator)' },
    { tag: tags.comment, color: 'var(--nx-comment)', fontStyle: 'italic' },
    { tag: tags.invalid, color: 'var(--nx-invalid)' },
  ]),
);
