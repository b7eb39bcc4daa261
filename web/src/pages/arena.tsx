/** ArenaPage. */
export function ArenaPage() {
  return <p class="note">loading …</p>
}
