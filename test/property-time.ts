import fc from 'fast-check';

/**
 * PROPERTY_MS ends each property after that time, however many runs it asks for; it never changes a verdict. Without it
 * every property has all its runs.
 */
const ms = process.env['PROPERTY_MS'];
// The plugin that replaces the option cannot be set for all properties.
// eslint-disable-next-line @typescript-eslint/no-deprecated
if (ms !== undefined) fc.configureGlobal({ interruptAfterTimeLimit: Number(ms) });
