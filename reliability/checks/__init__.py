"""What is measured: one public function a check, one module a family."""
