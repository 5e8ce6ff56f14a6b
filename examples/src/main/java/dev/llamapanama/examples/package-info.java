/** Small programs on chat, tools and agents. */
package dev.llamapanama.examples;
