/** Signs that not every font has. */

/** Opens a receipt. */
export function ReceiptIcon() {
  return (
    <svg class="icon" viewBox="0 0 12 12" width="12" height="12" aria-hidden="true">
      <path d="M4 3.5V1.5h6.5V8H8.5M1.5 4H8v6.5H1.5z" fill="none" stroke="currentColor" stroke-width="1.2" />
    </svg>
  )
}
