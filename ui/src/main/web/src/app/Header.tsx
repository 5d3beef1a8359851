import { ActionIcon, Menu, Tooltip, useMantineColorScheme, type MantineColorScheme } from '@mantine/core';
import type { FC } from 'react';
import { consolesLink } from '../server/page';
import { change, useSettings, type Settings } from '../settings/settings';
import classes from './Header.module.css';
import { AutoIcon, GearIcon, Mark, MoonIcon, SunIcon } from './icons';
import { HOME, PAGES } from './pages';
import { follow, pageAddress, usePage } from './router';

/** Where the open page may put controls of its own, through a portal. */
export const PAGE_TOOLS = 'page-tools';

export function Header() {
  const open = usePage();
  return (
    <header className={classes.header}>
      <a className={classes.brand} href={pageAddress(HOME)} onClick={(event) => follow(event, HOME)} aria-label="Narthex, first page">
        <Mark />
        <span className={classes.brandName}>Narthex</span>
      </a>
      <nav className={classes.nav} aria-label="Pages">
        {PAGES.map(({ path, title }) => (
          <a
            key={path}
            href={pageAddress(path)}
            onClick={(event) => follow(event, path)}
            aria-current={open === path ? 'page' : undefined}
            data-testid={`nav-${path}`}
          >
            {title}
          </a>
        ))}
        {consolesLink !== '' && <a href={consolesLink}>Consoles</a>}
      </nav>
      <div className={classes.tools}>
        <div id={PAGE_TOOLS} className={classes.pageTools} />
        <SettingsMenu />
        <ThemeToggle />
      </div>
    </header>
  );
}

type Flag = { [K in keyof Settings]: Settings[K] extends boolean ? K : never }[keyof Settings];

const FLAGS: readonly (readonly [Flag, string])[] = [
  ['useLocalTime', 'Local time instead of UTC'],
  ['enableQueryHistory', 'Remember executed queries'],
  ['enableAutocomplete', 'Complete while typing'],
  ['enableSyntaxHighlighting', 'Highlight the query language'],
  ['enableLinter', 'Mark mistakes while typing'],
  ['showQueryWarnings', 'Show warnings of queries'],
  ['showQueryInfoNotices', 'Show notes of queries'],
];

function SettingsMenu() {
  const settings = useSettings();
  return (
    <Menu position="bottom-end" width={280} shadow="md">
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" size="lg" aria-label="Settings" data-testid="settings">
          <GearIcon />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>Settings of this browser</Menu.Label>
        {FLAGS.map(([flag, text]) => (
          <Menu.CheckboxItem key={flag} checked={settings[flag]} onChange={(checked) => change({ [flag]: checked })}>
            {text}
          </Menu.CheckboxItem>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}

const SCHEMES: Readonly<Record<MantineColorScheme, { Icon: FC; next: MantineColorScheme; name: string }>> = {
  auto: { Icon: AutoIcon, next: 'light', name: "the system's" },
  light: { Icon: SunIcon, next: 'dark', name: 'light' },
  dark: { Icon: MoonIcon, next: 'auto', name: 'dark' },
};

function ThemeToggle() {
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const { Icon, next, name } = SCHEMES[colorScheme];
  const text = `Colours: ${name}. Change to ${SCHEMES[next].name}`;
  return (
    <Tooltip label={text} position="bottom-end">
      <ActionIcon variant="subtle" color="gray" size="lg" aria-label={text} onClick={() => setColorScheme(next)} data-testid="theme-toggle">
        <Icon />
      </ActionIcon>
    </Tooltip>
  );
}
