/** IncidentsPage. */
export function IncidentsPage() {
  return <p class="note">loading …</p>
}
