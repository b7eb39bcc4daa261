/** LendingPage. */
export function LendingPage() {
  return <p class="note">loading …</p>
}
