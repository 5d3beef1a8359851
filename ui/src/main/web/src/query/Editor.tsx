/**
 * The editor for one expression. It owns the text being typed; the page hears of it when it is executed.
 * Enter and Ctrl-Enter execute (Enter first accepts an open proposal), Shift-Enter breaks the line, Escape
 * closes proposals, and Tab leaves the editor as it leaves any other field.
 */

import { acceptCompletion, autocompletion, closeBrackets, closeBracketsKeymap, closeCompletion } from '@codemirror/autocomplete';
import { defaultKeymap, history, historyKeymap, insertNewlineAndIndent } from '@codemirror/commands';
import { bracketMatching, indentOnInput } from '@codemirror/language';
import { lintKeymap } from '@codemirror/lint';
import { Compartment, EditorState, Prec, type Extension } from '@codemirror/state';
import { EditorView, highlightSpecialChars, keymap, placeholder } from '@codemirror/view';
import { PromQLExtension } from '@prometheus-io/codemirror-promql';
import { useEffect, useImperativeHandle, useRef, type Ref } from 'react';
import { useSettings, type Settings } from '../settings/settings';
import { completion } from './completion';
import { highlight, look } from './editorLook';

export interface EditorHandle {
  text(): string;
  replace(text: string): void;
  focus(): void;
}

interface Props {
  /** The executed expression; the editor takes it over whenever it changes. */
  readonly expr: string;
  readonly execute: (expr: string) => void;
  readonly label: string;
  readonly autoFocus: boolean;
  readonly ref: Ref<EditorHandle>;
}

type LanguageSettings = Pick<Settings, 'enableAutocomplete' | 'enableSyntaxHighlighting' | 'enableLinter' | 'enableQueryHistory'>;

function language(settings: LanguageSettings): Extension {
  const promql = new PromQLExtension()
    .activateCompletion(settings.enableAutocomplete)
    .activateLinter(settings.enableLinter)
    .setComplete({ completeStrategy: completion(settings.enableQueryHistory) });
  return [promql.asExtension(), settings.enableSyntaxHighlighting ? highlight : []];
}

export function Editor({ expr, execute, label, autoFocus, ref }: Props) {
  const { enableAutocomplete, enableSyntaxHighlighting, enableLinter, enableQueryHistory } = useSettings();
  const host = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView | null>(null);
  const languagePart = useRef(new Compartment());
  // What the view, made once, has to find in its present form.
  const present = useRef({ execute, expr, label });
  useEffect(() => {
    present.current = { execute, expr, label };
  });

  useEffect(() => {
    if (host.current === null) return;
    const run = (v: EditorView) => {
      closeCompletion(v);
      present.current.execute(v.state.doc.toString());
      return true;
    };
    const made = new EditorView({
      parent: host.current,
      state: EditorState.create({
        doc: present.current.expr,
        extensions: [
          look,
          highlightSpecialChars(),
          history(),
          indentOnInput(),
          bracketMatching(),
          closeBrackets(),
          EditorView.lineWrapping,
          EditorView.contentAttributes.of({ 'aria-label': present.current.label, 'data-testid': 'expression-editor' }),
          placeholder('Expression, for example rate(http_requests_total[5m])'),
          languagePart.current.of([]),
          Prec.highest(keymap.of([{ key: 'Mod-Enter', run }])),
          autocompletion({ icons: false, maxRenderedOptions: 200 }),
          Prec.high(
            keymap.of([
              { key: 'Tab', run: acceptCompletion },
              { key: 'Enter', run },
              { key: 'Shift-Enter', run: insertNewlineAndIndent },
            ]),
          ),
          keymap.of([...closeBracketsKeymap, ...defaultKeymap, ...historyKeymap, ...lintKeymap]),
        ],
      }),
    });
    view.current = made;
    return () => {
      view.current = null;
      made.destroy();
    };
  }, []);

  useEffect(() => {
    view.current?.dispatch({
      effects: languagePart.current.reconfigure(language({ enableAutocomplete, enableSyntaxHighlighting, enableLinter, enableQueryHistory })),
    });
  }, [enableAutocomplete, enableSyntaxHighlighting, enableLinter, enableQueryHistory]);

  const replace = (text: string) => {
    const { current } = view;
    if (current === null || current.state.doc.toString() === text) return;
    current.dispatch({ changes: { from: 0, to: current.state.doc.length, insert: text }, selection: { anchor: text.length } });
  };

  useEffect(() => replace(expr), [expr]);

  useEffect(() => {
    if (autoFocus) view.current?.focus();
  }, [autoFocus]);

  useImperativeHandle(ref, () => ({
    text: () => view.current?.state.doc.toString() ?? present.current.expr,
    replace,
    focus: () => view.current?.focus(),
  }));

  return <div ref={host} style={{ flex: 1, minWidth: 0 }} />;
}
