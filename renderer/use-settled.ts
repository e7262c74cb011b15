// A value once it has stood still: what is tried over the network is not tried at each letter.
import { useEffect, useState } from 'react'

const SETTLED_MS = 500

export function useSettled<T>(value: T): T {
  const [settled, setSettled] = useState(value)
  useEffect(() => {
    const timer = setTimeout(setSettled, SETTLED_MS, value)
    return () => clearTimeout(timer)
  }, [value])
  return settled
}
