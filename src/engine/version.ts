/**
 * The version of the engine's behaviour, kept with every decision. It changes whenever any pod would be decided,
 * changed or explained differently.
 */
export const ENGINE_VERSION = '1.0.0';
