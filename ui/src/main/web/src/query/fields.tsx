/** The small fields of a panel: texts that take effect with Enter or when left, and say so when they cannot be read. */

import { ActionIcon, NativeSelect, TextInput, Tooltip } from '@mantine/core';
import { useRef, useState, type ReactNode } from 'react';
import { CalendarIcon, CloseIcon, LeftIcon, MinusIcon, PlusIcon, RightIcon } from '../app/icons';
import { formatDuration, parseDuration } from '../text/duration';
import { formatTime, parseTime, zoneName, type Zone } from '../text/time';
import classes from './fields.module.css';
import { narrow, widen, type Density, type Resolution } from './panels';
import { FIXED_STEPS } from './step';

interface ParsedProps<T> {
  readonly label: string;
  readonly value: T;
  readonly format: (value: T) => string;
  /** Undefined for a text that says nothing this field understands. */
  readonly parse: (text: string) => T | undefined;
  readonly onChange: (value: T) => void;
  readonly hint: string;
  readonly width: number;
  readonly placeholder?: string;
  readonly testid: string;
  readonly rightSection?: ReactNode;
}

function ParsedField<T>({ label, value, format, parse, onChange, hint, width, placeholder, testid, rightSection }: ParsedProps<T>) {
  // Null while the field shows its value; a text while it is being edited.
  const [text, setText] = useState<string | null>(null);
  const shown = text ?? format(value);
  const wrong = text !== null && parse(text) === undefined;

  const commit = () => {
    if (text === null) return;
    const parsed = parse(text);
    if (parsed === undefined) return;
    setText(null);
    if (format(parsed) !== format(value)) onChange(parsed);
  };

  return (
    <Tooltip label={hint} opened={wrong} color="red" position="bottom">
      <TextInput
        size="xs"
        w={width}
        aria-label={label}
        placeholder={placeholder ?? ''}
        value={shown}
        error={wrong}
        onChange={(event) => setText(event.currentTarget.value)}
        onBlur={() => (wrong ? setText(null) : commit())}
        onKeyDown={(event) => {
          if (event.key === 'Enter') commit();
          if (event.key === 'Escape') setText(null);
        }}
        rightSection={rightSection}
        rightSectionPointerEvents="all"
        data-testid={testid}
        classNames={{ input: classes.input ?? '' }}
      />
    </Tooltip>
  );
}

interface StepperProps {
  readonly less: string;
  readonly more: string;
  readonly lessIcon: ReactNode;
  readonly moreIcon: ReactNode;
  readonly onLess: () => void;
  readonly onMore: () => void;
  readonly testid: string;
  readonly children: ReactNode;
}

/** A field between two buttons. */
function Stepper({ less, more, lessIcon, moreIcon, onLess, onMore, testid, children }: StepperProps) {
  return (
    <div className={classes.stepper}>
      <ActionIcon variant="default" size={30} aria-label={less} title={less} onClick={onLess} data-testid={`${testid}-less`}>
        {lessIcon}
      </ActionIcon>
      {children}
      <ActionIcon variant="default" size={30} aria-label={more} title={more} onClick={onMore} data-testid={`${testid}-more`}>
        {moreIcon}
      </ActionIcon>
    </div>
  );
}

export function RangeField({ range, onChange }: { readonly range: number; readonly onChange: (range: number) => void }) {
  return (
    <Stepper
      less="Shorter range"
      more="Longer range"
      lessIcon={<MinusIcon />}
      moreIcon={<PlusIcon />}
      onLess={() => onChange(narrow(range))}
      onMore={() => onChange(widen(range))}
      testid="range"
    >
      <ParsedField
        label="Range"
        value={range}
        format={formatDuration}
        parse={(text) => parseDuration(text) || undefined}
        onChange={onChange}
        hint="A duration such as 30m, 1h30m or 2d"
        width={84}
        testid="range-input"
      />
    </Stepper>
  );
}

interface TimeProps {
  readonly label: string;
  readonly time: number | null;
  readonly zone: Zone;
  /** How far the arrows move, in milliseconds. */
  readonly stride: number;
  readonly onChange: (time: number | null) => void;
}

/** A moment, or the present one: an empty field follows the clock. */
export function TimeField({ label, time, zone, stride, onChange }: TimeProps) {
  const picker = useRef<HTMLInputElement>(null);
  const pickable = formatTime(time ?? Date.now(), zone).slice(0, 19).replace(' ', 'T');
  return (
    <Stepper
      less={`${formatDuration(stride)} earlier`}
      more={`${formatDuration(stride)} later`}
      lessIcon={<LeftIcon />}
      moreIcon={<RightIcon />}
      onLess={() => onChange((time ?? Date.now()) - stride)}
      onMore={() => onChange((time ?? Date.now()) + stride)}
      testid="time"
    >
      <div className={classes.time}>
        <ParsedField
          label={`${label}, ${zoneName(time ?? Date.now(), zone)}; empty for now`}
          value={time}
          format={(value) => (value === null ? '' : formatTime(value, zone))}
          parse={(text) => (text.trim() === '' || text.trim() === 'now' ? null : (parseTime(text, zone) ?? undefined))}
          onChange={onChange}
          hint="A time such as 2026-03-01 14:00, or empty for now"
          width={196}
          placeholder={`${label}: now`}
          testid="time-input"
          rightSection={
            <div className={classes.timeTools}>
              {time !== null && (
                <ActionIcon variant="transparent" color="gray" size="sm" aria-label="Back to now" title="Back to now" onClick={() => onChange(null)} data-testid="time-now">
                  <CloseIcon />
                </ActionIcon>
              )}
              <ActionIcon variant="transparent" color="gray" size="sm" aria-label="Pick a time" title="Pick a time" onClick={() => picker.current?.showPicker()}>
                <CalendarIcon />
              </ActionIcon>
            </div>
          }
        />
        <input
          ref={picker}
          className={classes.picker}
          type="datetime-local"
          step={1}
          tabIndex={-1}
          aria-hidden="true"
          value={pickable}
          onChange={(event) => onChange(parseTime(event.currentTarget.value, zone))}
        />
      </div>
    </Stepper>
  );
}

const DENSITY_NAMES: Readonly<Record<Density, string>> = { low: 'Low res.', medium: 'Medium res.', high: 'High res.' };

const isDensity = (value: string): value is Density => value in DENSITY_NAMES;

interface ResolutionProps {
  readonly resolution: Resolution;
  /** The step in force, in milliseconds: what a custom one starts with. */
  readonly step: number;
  readonly onChange: (resolution: Resolution) => void;
}

export function ResolutionField({ resolution, step, onChange }: ResolutionProps) {
  const value = resolution.type === 'auto' ? resolution.density : resolution.type === 'fixed' ? String(resolution.step) : 'custom';
  // A shared address may bring a fixed step that is not in the list.
  const steps = resolution.type === 'fixed' && !FIXED_STEPS.includes(resolution.step) ? [resolution.step, ...FIXED_STEPS] : FIXED_STEPS;
  const choose = (chosen: string) => {
    if (isDensity(chosen)) onChange({ type: 'auto', density: chosen });
    else if (chosen === 'custom') onChange({ type: 'custom', step });
    else onChange({ type: 'fixed', step: Number(chosen) });
  };
  return (
    <div className={classes.stepper}>
      <NativeSelect
        size="xs"
        w={132}
        aria-label="Resolution"
        value={value}
        onChange={(event) => choose(event.currentTarget.value)}
        data-testid="resolution"
        data={[
          { group: 'Resolution by the range', items: Object.entries(DENSITY_NAMES).map(([density, label]) => ({ value: density, label })) },
          { group: 'Step', items: steps.map((ms) => ({ value: String(ms), label: `Step ${formatDuration(ms)}` })) },
          { group: 'Other', items: [{ value: 'custom', label: 'Custom step' }] },
        ]}
      />
      {resolution.type === 'custom' && (
        <ParsedField
          label="Step"
          value={resolution.step}
          format={formatDuration}
          parse={(text) => parseDuration(text) || undefined}
          onChange={(chosen) => onChange({ type: 'custom', step: chosen })}
          hint="A duration such as 15s or 1m"
          width={90}
          testid="step-input"
        />
      )}
    </div>
  );
}
