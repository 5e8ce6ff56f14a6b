/** A coordinator that gives subtasks to roles. */
package dev.llamapanama.examples.coordinator;
