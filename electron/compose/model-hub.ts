// Where models are fetched from: whisper.cpp's own place, or a mirror that the environment names.

/** UNJAM_MODEL_HUB for networks that reach no public hub; not set means the model store's own. */
export function modelHub(env: Readonly<Record<string, string | undefined>>): { hub?: string } {
  const hub = env.UNJAM_MODEL_HUB
  return hub === undefined || hub === '' ? {} : { hub }
}
