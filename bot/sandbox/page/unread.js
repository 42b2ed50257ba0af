// Which channels hold something that a person has not seen, as far as this page was there to show it.

/** Returns `unread(state, inView)`: the ids of the unread channels; `inView` is the one before the person. */
export function createUnread() {
  const read = new Map(); // "person/channel" -> newest ts seen
  let start = null; // what was there before the page was counts as seen

  return (state, inView) => {
    start ??= Math.max(0, ...state.messages.map((message) => Number(message.ts)));
    const newest = new Map();
    for (const { channel, user, ts } of state.messages) {
      if (user !== state.me) newest.set(channel, Math.max(newest.get(channel) ?? 0, Number(ts)));
    }
    if (inView) read.set(`${state.me}/${inView}`, newest.get(inView) ?? 0);
    const unseen = [...newest].filter(([channel, ts]) => ts > Math.max(start, read.get(`${state.me}/${channel}`) ?? 0));
    return new Set(unseen.map(([channel]) => channel));
  };
}
