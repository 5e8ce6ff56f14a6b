/** An assistant with three tools. */
package dev.llamapanama.examples.assistant;
