/** Definition and life of the test world's domains. */
@NullMarked
package dev.drover.test.domain;

import org.jspecify.annotations.NullMarked;
