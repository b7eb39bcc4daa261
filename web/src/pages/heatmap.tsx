/** HeatmapPage. */
export function HeatmapPage() {
  return <p class="note">loading …</p>
}
