import { Anchor, VisuallyHidden } from '@mantine/core';
import { useEffect } from 'react';
import { ANNOUNCER } from './announce';
import { Banner } from './Banner';
import { ErrorBoundary } from './ErrorBoundary';
import { Header } from './Header';
import { HOME, MOVED, PAGES } from './pages';
import { follow, moveTo, pageAddress, usePage } from './router';

export function App() {
  const open = usePage();
  const entry = PAGES.find((page) => page.path === open);

  useEffect(() => {
    if (entry === undefined && MOVED.has(open)) moveTo(HOME);
  }, [entry, open]);

  return (
    <>
      <Header />
      <main>
        {entry !== undefined && <VisuallyHidden component="h1">{entry.title}</VisuallyHidden>}
        <Banner />
        <ErrorBoundary key={open}>{entry !== undefined ? <entry.Page /> : !MOVED.has(open) && <NotFound page={open} />}</ErrorBoundary>
      </main>
      <VisuallyHidden role="status" id={ANNOUNCER} />
    </>
  );
}

function NotFound({ page }: { readonly page: string }) {
  return (
    <p>
      There is no page <code>{page}</code> here yet.{' '}
      <Anchor href={pageAddress(HOME)} onClick={(event) => follow(event, HOME)}>
        To the first page
      </Anchor>
    </p>
  );
}
