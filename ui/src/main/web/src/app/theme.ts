import { createTheme, type MantineColorsTuple } from '@mantine/core';

// A quiet blue: dark enough under white text on light pages, light enough as text on dark ones.
const ink: MantineColorsTuple = ['#eef4fb', '#dde7f2', '#b8cce3', '#90b0d5', '#6f98c8', '#5a89c1', '#4c7dbb', '#3b6ba7', '#2f5f97', '#1f4f85'];

// Neutral greys with a trace of blue; Mantine draws dark pages with these.
const dark: MantineColorsTuple = ['#d3d7dd', '#b3b9c2', '#8b929d', '#646b76', '#3d434d', '#2c3139', '#21252c', '#191c22', '#131519', '#0d0f12'];

export const theme = createTheme({
  colors: { ink, dark },
  primaryColor: 'ink',
  primaryShade: { light: 8, dark: 7 },
  autoContrast: true,
  defaultRadius: 'sm',
  fontFamily: 'system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "Noto Sans", sans-serif',
  fontFamilyMonospace: 'ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", "Liberation Mono", monospace',
  headings: { fontWeight: '600' },
  cursorType: 'pointer',
});
