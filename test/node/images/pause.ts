/** Of the container that holds the namespaces of a pod. */
export const PAUSE_IMAGE = 'tbot-injector.io/test/pause:1';
