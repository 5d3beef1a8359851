/**
 * The query page: panels one below the other. The panels live here; the address follows each change, one step of
 * the browser's history per change, and going back brings the panels of that step.
 */

import { Button, NativeSelect, Portal } from '@mantine/core';
import { useEffect, useRef, useState } from 'react';
import { PAGE_TOOLS } from '../app/Header';
import { PlusIcon } from '../app/icons';
import { setSearch, useSearch } from '../app/router';
import { change, useSettings } from '../settings/settings';
import { formatDuration } from '../text/duration';
import { newPanel, type Panel, type PanelChange } from './panels';
import { QueryPanel } from './QueryPanel';
import { decodePanels, encodePanels } from './url';
import { Welcome } from './Welcome';

/** Seconds between two looks at the same queries; 0 is off. */
const REFRESHES: readonly number[] = [0, 5, 15, 30, 60, 300];

const LIVE_SECONDS = 15;

const fromAddress = (search: string): readonly Panel[] => {
  const panels = decodePanels(search);
  return panels.length === 0 ? [newPanel()] : panels;
};

/** `next` with the identities of `old`, so that editors and charts stay what they are. */
const inPlaceOf = (old: readonly Panel[], next: readonly Panel[]) => next.map((panel, i) => ({ ...panel, id: old[i]?.id ?? panel.id }));

export function QueryPage() {
  const search = useSearch();
  const [panels, setPanels] = useState(() => fromAddress(search));
  // The address these panels stand for; another one has come from outside, by the back button or a link.
  const written = useRef(search);
  const [added, setAdded] = useState<string | null>(null);
  const { refreshSeconds } = useSettings();
  const tick = useTick(refreshSeconds);

  useEffect(() => {
    if (search === written.current) return;
    written.current = search;
    setPanels((old) => inPlaceOf(old, fromAddress(search)));
  }, [search]);

  const show = (next: readonly Panel[]) => {
    const encoded = encodePanels(next);
    written.current = `?${encoded}`;
    setPanels(next);
    setSearch(encoded, 'push');
  };

  const changePanel = (id: string, changes: PanelChange) => show(panels.map((panel) => (panel.id === id ? { ...panel, ...changes } : panel)));
  const remove = (id: string) => show(panels.filter((panel) => panel.id !== id));
  const add = () => {
    const panel = newPanel({ tab: panels.at(-1)?.tab ?? 'table' });
    setAdded(panel.id);
    show([...panels, panel]);
  };

  const blank = panels.length === 1 && panels[0]?.expr.trim() === '';

  return (
    <>
      <Portal target={`#${PAGE_TOOLS}`}>
        <NativeSelect
          size="xs"
          aria-label="Refresh the queries"
          value={String(refreshSeconds)}
          onChange={(event) => change({ refreshSeconds: Number(event.currentTarget.value) })}
          data={REFRESHES.map((s) => ({ value: String(s), label: s === 0 ? 'No refresh' : `Every ${formatDuration(s * 1000)}` }))}
          data-testid="refresh"
        />
      </Portal>
      {panels.map((panel, i) => (
        <QueryPanel
          key={panel.id}
          panel={panel}
          number={i + 1}
          tick={tick}
          autoFocus={blank || panel.id === added}
          onChange={(changes) => changePanel(panel.id, changes)}
          onRemove={panels.length > 1 ? () => remove(panel.id) : null}
        />
      ))}
      {blank ? (
        <Welcome
          onOne={({ panel }) => changePanel(panels[0]?.id ?? '', panel)}
          onAll={(examples) => {
            change({ refreshSeconds: LIVE_SECONDS });
            show(inPlaceOf(panels, examples.map(({ panel }) => newPanel(panel))));
          }}
        />
      ) : (
        <Button variant="default" leftSection={<PlusIcon />} onClick={add} data-testid="add-panel">
          Add query
        </Button>
      )}
    </>
  );
}

/** A number that grows every so many seconds while the page is looked at; it stands still for 0. */
function useTick(everySeconds: number): number {
  const [tick, setTick] = useState(0);
  useEffect(() => {
    if (everySeconds === 0) return;
    const timer = setInterval(() => {
      if (document.visibilityState === 'visible') setTick((n) => n + 1);
    }, everySeconds * 1000);
    return () => clearInterval(timer);
  }, [everySeconds]);
  return tick;
}
