// Owns the whole: of the notebook in front (the sidebar), or of one given run (the panel).

import React, { useEffect, useRef, useState } from 'react';

import { Artifacts } from './artifacts';
import { Coded } from './coded';
import { Footer } from './footer';
import { Guard } from './guard';
import type { Host, Past } from './host';
import { Header } from './header';
import { IntakeLine } from './intake';
import { type Load, useInterval, useLoad } from './load';
import { Hint, Problem } from './problem';
import { OtherRuns } from './runs';
import { type Found, useSession } from './session';
import type { Changes, Run, Session, Status, Transport, Where } from './transport';
import { useSeen, useVisible } from './visible';
import { t } from './words';

const POLL_MS = 5000;
// what a cell has just shown waits about that long
const STORED_SOON_MS = 1000;

interface Connection {
  transport: Transport;
  changes?: Changes | undefined;
  host?: Host | undefined;
  past?: Past | undefined;
}

function useStatus({ transport, changes }: Connection, visible: boolean): Load<Status> {
  const key = useSeen(visible) ? 'status' : null;
  const status = useLoad(key, signal => transport.status(signal), 100);
  const { again } = status;
  useInterval(again, visible ? POLL_MS : null);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout>;
    const stop = changes?.subscribe(() => {
      again();
      clearTimeout(timer);
      timer = setTimeout(again, STORED_SOON_MS);
    });
    return () => {
      stop?.();
      clearTimeout(timer);
    };
  }, [changes, again]);
  return status;
}

function useRoot(): [React.RefObject<HTMLDivElement>, boolean] {
  const root = useRef<HTMLDivElement>(null);
  return [root, useVisible(root)];
}

function NoRun(props: { where: Where | null; session: Session | null }): React.JSX.Element {
  if (!props.where) {
    return <Hint>{t('Open a notebook to see what its runs keep, or pick a run above.')}</Hint>;
  }
  return props.session ? (
    <Hint>
      <p>{t('This notebook has no run yet.')}</p>
      <p>
        <Coded text={t('Start one with `%mlart start` or `mlflow.start_run()`.')} />
      </p>
    </Hint>
  ) : (
    <Hint>
      <p>{t('Nothing is captured in this notebook yet.')}</p>
      <p>
        <Coded
          text={t('Run `%load_ext mlart_jupyter` in a cell, then start a run with `%mlart start`.')}
        />
      </p>
    </Hint>
  );
}

/** The run picked by hand, as long as the same notebook is in front. */
function usePicked(where: Where | null): [Run | null, (run: Run | null) => void] {
  const path = where?.path ?? null;
  const [picked, setPicked] = useState<{ path: string | null; run: Run | null } | null>(null);
  const run = picked?.path === path ? picked.run : null;
  return [run, chosen => setPicked({ path, run: chosen })];
}

/** The newest run of the session, or the picked one: the session's copy of it has its newest status. */
function runOf(session: Session | null, picked: Run | null): Run | null {
  const own = session?.runs.find(({ run_id }) => !picked || run_id === picked.run_id);
  return own ?? picked;
}

/** An output's artifact may be in an earlier run of the notebook. */
function useRevealedRun(
  host: Host | undefined,
  session: Session | null,
  onPick: (run: Run) => void
): void {
  const latest = useRef(onPick);
  latest.current = onPick;
  useEffect(
    () =>
      host?.onReveal(what => {
        const run = session?.runs.find(({ run_id }) => run_id === what.run);
        if (run) {
          latest.current(run);
        }
      }),
    [host, session]
  );
}

interface FrameProps extends Connection {
  memory: string;
  store: string;
  run: string;
  page?: string | null;
  visible: boolean;
  status: Load<Status>;
}

function RunArtifacts(props: FrameProps): React.JSX.Element {
  const { store, run, status, transport, changes, memory } = props;
  return (
    <Guard key={`${store} ${run}`}>
      <Artifacts
        {...{ store, run, transport, changes, memory }}
        page={props.page ?? null}
        host={props.host}
        past={props.past}
        visible={props.visible}
        kept={status.value?.kept ?? null}
        mayDelete={status.value?.may_delete ?? false}
      />
    </Guard>
  );
}

function WithoutRun(props: { where: Where | null; found: Load<Found> }): React.JSX.Element {
  const { where, found } = props;
  if (found.failure) {
    return <Problem failure={found.failure} onRetry={found.again} />;
  }
  if (where && !found.value) {
    return <Hint>{t('Loading …')}</Hint>;
  }
  return <NoRun where={where} session={found.value?.session ?? null} />;
}

export function NotebookBrowser(props: Connection & { where: Where | null }): React.JSX.Element {
  const { transport, changes } = props;
  const [root, visible] = useRoot();
  const where = useSeen(visible) ? props.where : null;
  const status = useStatus(props, visible);
  const found = useSession(transport, changes, where);
  useInterval(found.again, visible ? POLL_MS : null);
  const session = found.value?.session ?? null;
  const [picked, setPicked] = usePicked(where);
  const run = runOf(session, picked);
  useRevealedRun(props.host, session, setPicked);

  return (
    <div ref={root} className="mlart-Browser">
      <Header session={session} run={run} onPick={setPicked} />
      <OtherRuns
        transport={transport}
        picked={run?.run_id ?? null}
        onPick={setPicked}
        suggested={session?.store ?? null}
        open={!props.where}
      />
      {run ? (
        <RunArtifacts
          {...props}
          memory={where?.path ?? ''}
          store={run.store}
          run={run.run_id}
          page={run.page ?? null}
          visible={visible}
          status={status}
        />
      ) : (
        <WithoutRun where={props.where} found={found} />
      )}
      <IntakeLine intake={props.host?.intake} />
      <Footer status={status} />
    </div>
  );
}

export function RunBrowser(
  props: Connection & { store: string; run: string; page?: string }
): React.JSX.Element {
  const [root, visible] = useRoot();
  const status = useStatus(props, visible);
  return (
    <div ref={root} className="mlart-Browser">
      {props.run ? (
        <RunArtifacts {...props} memory={props.run} visible={visible} status={status} />
      ) : (
        <Hint>
          <Coded
            text={t(
              'There is no run yet. Start one with `%mlart start`, then open this panel again.'
            )}
          />
        </Hint>
      )}
      <Footer status={status} />
    </div>
  );
}
