import type { Fault } from './trial.ts';

/** What can happen to the control plane itself. They share it, so one at a time. */
export const OUTAGES: readonly Fault[] = [
  {
    name: 'the API server killed and started again',
    seconds: { test: 2, script: 30 },
    begin: ({ cluster }) => cluster.apiServer.stop('SIGKILL'),
    end: ({ cluster }) => {
      cluster.apiServer.start();
      return cluster.untilReady();
    },
  },
  {
    name: 'the API server ended in good order and started again',
    // Its own graces take half a minute.
    seconds: { script: 5 },
    begin: ({ cluster }) => cluster.apiServer.stop(),
    end: ({ cluster }) => {
      cluster.apiServer.start();
      return cluster.untilReady();
    },
  },
  {
    name: 'the API server frozen',
    seconds: { test: 6, script: 60 },
    begin: ({ cluster }) => {
      cluster.apiServer.freeze();
    },
    end: ({ cluster }) => {
      cluster.apiServer.thaw();
    },
  },
  {
    name: 'etcd frozen',
    seconds: { test: 8, script: 30 },
    begin: ({ cluster }) => {
      cluster.etcd.freeze();
    },
    end: ({ cluster }) => {
      cluster.etcd.thaw();
    },
  },
  {
    name: 'etcd killed and started again',
    seconds: { test: 3, script: 30 },
    begin: ({ cluster }) => cluster.etcd.stop('SIGKILL'),
    end: ({ cluster }) => {
      cluster.etcd.start();
      return cluster.untilReady();
    },
  },
];
