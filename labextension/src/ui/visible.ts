// Owns whether the browser is on the screen: what nobody sees asks for nothing.

import { type RefObject, useEffect, useRef, useState } from 'react';

export function useVisible(node: RefObject<Element>): boolean {
  const [visible, setVisible] = useState(typeof IntersectionObserver === 'undefined');
  useEffect(() => {
    if (typeof IntersectionObserver === 'undefined' || !node.current) {
      return;
    }
    const observer = new IntersectionObserver(entries =>
      setVisible(entries.at(-1)?.isIntersecting ?? false)
    );
    observer.observe(node.current);
    return () => observer.disconnect();
  }, [node]);
  return visible;
}

/** True from the first time on: what was seen stays on show while it is hidden. */
export function useSeen(visible: boolean): boolean {
  const seen = useRef(false);
  seen.current ||= visible;
  return seen.current;
}
