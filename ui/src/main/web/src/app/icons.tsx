/** The few pictures in use, drawn on a 24 by 24 grid in the colour of the text around them. */

import type { FC } from 'react';

const icon = (path: string, size = 16): FC => {
  const Icon = () => (
    <svg width={size} height={size} viewBox="0 0 24 24" fill="none" stroke="currentColor" strokeWidth="1.9" strokeLinecap="round" strokeLinejoin="round" aria-hidden="true">
      <path d={path} />
    </svg>
  );
  return Icon;
};

export const SunIcon = icon('M12 8a4 4 0 1 0 0 8a4 4 0 1 0 0-8M12 2v2M12 20v2M4.900 4.900l1.400 1.400M17.700 17.700l1.400 1.400M2 12h2M20 12h2M4.900 19.100l1.400-1.400M17.700 6.300l1.400-1.400');
export const MoonIcon = icon('M20 14.500A8.500 8.500 0 1 1 9.500 4a7 7 0 0 0 10.500 10.500z');
export const AutoIcon = icon('M12 3a9 9 0 1 0 0 18a9 9 0 1 0 0-18M12 3v18M12 7.500l6-1.500M12 12h9M12 16.500l6 1.500');
export const GearIcon = icon('M4 7h10M18 7h2M4 17h2M10 17h10M16 4.800a2.200 2.200 0 1 0 0 4.400a2.200 2.200 0 1 0 0-4.400M8 14.800a2.200 2.200 0 1 0 0 4.400a2.200 2.200 0 1 0 0-4.400');
export const ClockIcon = icon('M12 3a9 9 0 1 0 0 18a9 9 0 1 0 0-18M12 7v5l3.500 2');
export const FormatIcon = icon('M4 6h16M8 12h12M8 18h9M4 12h.01M4 18h.01');
export const CloseIcon = icon('M6 6l12 12M18 6L6 18');
export const PlusIcon = icon('M12 5v14M5 12h14');
export const MinusIcon = icon('M5 12h14');
export const LeftIcon = icon('M15 5l-7 7l7 7');
export const RightIcon = icon('M9 5l7 7l-7 7');
export const DownIcon = icon('M5 9l7 7l7-7', 14);
export const CopyIcon = icon('M9 9h11v11h-11zM5 15h-1v-11h11v1', 14);
export const CalendarIcon = icon('M4 6h16v14h-16zM4 10.500h16M8 3v4M16 3v4');
export const SearchIcon = icon('M11 4a7 7 0 1 0 0 14a7 7 0 1 0 0-14M16.200 16.200l4.300 4.300');
export const CheckIcon = icon('M5 12.500l4.500 4.500l9.500-10', 14);

/** The narthex: a fennel stalk that carries the fire. The same drawing as favicon.svg. */
export const Mark: FC = () => (
  <svg width="24" height="24" viewBox="0 0 32 32" aria-hidden="true">
    <path d="M9 30C11 22 13 18 16 12" fill="none" stroke="#6a9c58" strokeWidth="3.4" strokeLinecap="round" />
    <path d="M13 21C10 20 8 18 7 15" fill="none" stroke="#6a9c58" strokeWidth="2.2" strokeLinecap="round" />
    <path d="M17 1C19 6 25 8 24 14C23.500 18 20 20 17 20C13 20 10.500 17.500 11 14C11.300 11.500 13 10.500 13.500 8C15 9 15.500 10 15.700 11C17 8 16.500 4 17 1Z" fill="#e8590c" />
    <path d="M17.500 11C18.500 13 20.500 13.500 20 16C19.700 17.500 18.500 18.200 17.200 18.200C15.500 18.200 14.300 17 14.600 15.300C14.800 14.200 15.800 13.700 16 12.800C16.700 13 17 13.500 17.100 14C17.700 13 17.500 12 17.500 11Z" fill="#ffc078" />
  </svg>
);
