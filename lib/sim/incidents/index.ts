/** The library of incidents: what happened, what a model of the rules of that date gives, and what other rules would have changed. */
export * from './historic.ts'
export { HISTORIC_HOURS } from './historic-hours.ts'
export * from './incident.ts'
export { INCIDENTS, incidentOf } from './library.ts'
export * from './run-incident.ts'
export * from './told.ts'
