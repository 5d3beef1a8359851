import { Button } from '@mantine/core';
import { Component, type ReactNode } from 'react';
import { Notice } from './Notice';

interface Props {
  readonly children: ReactNode;
}

/** A mistake of ours in one part of the page is told there, and the rest goes on. */
export class ErrorBoundary extends Component<Props, { readonly error: Error | null }> {
  override state: { readonly error: Error | null } = { error: null };

  static getDerivedStateFromError(error: unknown) {
    return { error: error instanceof Error ? error : new Error(String(error)) };
  }

  override render() {
    const { error } = this.state;
    if (error === null) return this.props.children;
    return (
      <Notice tone="bad" title="This part of the page has failed" testid="page-error">
        {error.message}
        <div>
          <Button mt="xs" size="compact-sm" variant="default" onClick={() => this.setState({ error: null })}>
            Try again
          </Button>
        </div>
      </Notice>
    );
  }
}
